"""All operators' commands, put on the command line."""

import typer

from switchboard.operations import read_model_commands


def register(app: typer.Typer) -> None:
    """Add them."""
    read_model_commands.register(app)
