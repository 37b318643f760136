"""All operators' commands, put on the command line."""

import typer

from switchboard.operations import (
    archive_commands,
    log_commands,
    read_model_commands,
    upkeep_commands,
    verify_commands,
)


def register(app: typer.Typer) -> None:
    """Add them."""
    archive_commands.register(app)
    log_commands.register(app)
    read_model_commands.register(app)
    upkeep_commands.register(app)
    verify_commands.register(app)
