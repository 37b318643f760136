"""All operators' commands, put on the command line."""

import typer

from switchboard.operations import log_commands, read_model_commands


def register(app: typer.Typer) -> None:
    """Add them."""
    log_commands.register(app)
    read_model_commands.register(app)
