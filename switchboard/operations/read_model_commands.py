"""`switchboard rebuild` and `switchboard rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from switchboard.operations.running import Json, Yes, run

if TYPE_CHECKING:
    from switchboard.operations.operator import Operator

Service = Annotated[
    str | None, typer.Argument(help="sessions, provisioning, activation or notifier.")
]
WithoutWorker = Annotated[
    bool, typer.Option(help="Swap at once: no worker of the service is running.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(rebuild)
    app.command()(rollback)


def rebuild(
    service: Service = None,
    read_model: Annotated[
        str | None, typer.Argument(help="Only look at this one: implies --dry-run.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All read models.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Report differences and change nothing.")] = False,
    accept_differences: Annotated[
        bool, typer.Option(help="Swap although the running documents are different.")
    ] = False,
    without_worker: WithoutWorker = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make read models anew from the log, beside the running ones, and swap them in.

    Readers see the old ones until the new ones are complete and equal. An interrupted rebuild goes
    on where it was. Exit code 3: the running documents are different from what the log says.
    """

    async def work(operator: "Operator") -> int:
        from switchboard.operations.operator import chosen_services  # noqa: PLC0415 - heavy
        from switchboard.operations.rebuilding import Wishes, rebuild  # noqa: PLC0415 - heavy

        if service is None and not every:
            raise typer.BadParameter("Name a service, or say --all.")
        wishes = Wishes(dry_run or not yes, accept_differences, without_worker)
        codes = [
            await rebuild(operator, one, read_model, wishes) for one in chosen_services(service)
        ]
        if not (yes or dry_run or read_model):
            operator.shown.say("To swap the new ones in, say --yes.")
        return max(codes)

    run(work, as_json=as_json)


def rollback(
    service: Annotated[str, typer.Argument(help="Whose read models.")],
    to: Annotated[
        int | None, typer.Option(help="A version that is kept; else the one before.")
    ] = None,
    without_worker: WithoutWorker = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let readers see the read models from before the last rebuild, brought up to date."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.operator import chosen_services  # noqa: PLC0415 - heavy
        from switchboard.operations.rebuilding import Wishes, rollback  # noqa: PLC0415 - heavy

        (chosen,) = chosen_services(service)
        return await rollback(operator, chosen, to, Wishes(not yes, False, without_worker))

    run(work, as_json=as_json)
