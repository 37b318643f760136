"""`switchboard archive`: export, import, verify."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchboard.operations.running import Json, Yes, run

if TYPE_CHECKING:
    from switchboard.operations.operator import Operator

archive = typer.Typer(help="The logs off the broker, and back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(archive, name="archive")


@archive.command("export")
def export_archive(as_json: Json = False) -> None:
    """Archive what is new since the last time, in SWITCHBOARD_ARCHIVE."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.archive.exporting import export  # noqa: PLC0415 - heavy

        return await export(operator)

    run(work, as_json=as_json)


@archive.command("import")
def restore_archive(
    erased: Annotated[
        Path | None,
        typer.Option(help="File with the ids of contacts erased since the export, a line each."),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Restore the archive into an empty broker. What was begun is gone on with."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.archive.importing import import_archive  # noqa: PLC0415 - heavy

        return await import_archive(operator, erased, yes=yes)

    run(work, as_json=as_json)


@archive.command("verify")
def check_archive(as_json: Json = False) -> None:
    """Check that the files of the archive are what was written. Asks no broker."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.archive.checking import verify_archive  # noqa: PLC0415 - heavy

        return await verify_archive(operator)

    run(work, as_json=as_json)
