"""`switchboard verify`."""

from typing import TYPE_CHECKING, Annotated

import typer

from switchboard.operations.running import Json, run

if TYPE_CHECKING:
    from switchboard.operations.operator import Operator


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    service: Annotated[str | None, typer.Argument(help="Only this service; else all.")] = None,
    read_models: Annotated[
        bool, typer.Option(help="Compare the read models with the log as well.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Check that logs, claims, archive and read models are whole. Changes nothing.

    Exit code 3: something is wrong.
    """

    async def work(operator: "Operator") -> int:
        from switchboard.operations.verifying.verifying import verify  # noqa: PLC0415 - heavy

        return await verify(operator, service, read_models=read_models)

    run(work, as_json=as_json)
