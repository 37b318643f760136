"""`switchboard replay`, `dead-letters`, `consumers`, `erase`, `keys` and `doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchboard.operations import log_commands as typed
from switchboard.operations.running import Json, Yes, run

if TYPE_CHECKING:
    from switchboard.operations.operator import Operator

letters = typer.Typer(help="Events that no reaction could deal with.", no_args_is_help=True)
consumers = typer.Typer(help="The readers of the logs.", no_args_is_help=True)
erase = typer.Typer(help="Forget a person.", no_args_is_help=True)
keys = typer.Typer(help="The keys of the services.", no_args_is_help=True)

Numbers = Annotated[list[int], typer.Argument(help="Numbers from `dead-letters list`.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(replay)
    app.add_typer(letters, name="dead-letters")
    app.add_typer(consumers, name="consumers")
    app.add_typer(erase, name="erase")
    app.add_typer(keys, name="keys")
    app.command()(doctor)


def replay(
    to_subject: Annotated[
        str | None, typer.Option(help="Publish under this subject: replay.<team>, say.")
    ] = None,
    to_file: Annotated[
        Path | None, typer.Option(help="Write to this new file, a line of JSON per event.")
    ] = None,
    service: typed.Service = None,
    organization: typed.Organization = None,
    aggregate: typed.Kind = None,
    aggregate_id: typed.Id = None,
    event: typed.Name = None,
    correlation: typed.Correlation = None,
    begin: typed.From = None,
    end: typed.To = None,
    rate: Annotated[int, typer.Option(min=1, help="Events a second at most.")] = 500,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Repeat a part of history for another team. Nothing of ours can react to it."""
    wanted = typed.wanted(locals())

    async def work(operator: "Operator") -> int:
        from switchboard.operations import replaying  # noqa: PLC0415 - heavy

        if to_file:
            return await replaying.to_file(operator, wanted, to_file, rate)
        if to_subject:
            return await replaying.to_subject(operator, wanted, to_subject, rate, yes=yes)
        raise typer.BadParameter("Say --to-subject or --to-file.")

    run(work, as_json=as_json)


@letters.command("list")
def list_letters(service: typed.Service = None, as_json: Json = False) -> None:
    """List them, oldest first, with the reason."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations import dead_letters  # noqa: PLC0415 - heavy

        return await dead_letters.list_letters(operator, service)

    run(work, as_json=as_json)


@letters.command("show")
def show_letter(
    number: Annotated[int, typer.Argument(help="Its number.")], as_json: Json = False
) -> None:
    """Show all of one, with its event."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations import dead_letters  # noqa: PLC0415 - heavy

        return await dead_letters.show_letter(operator, number)

    run(work, as_json=as_json)


@letters.command("retry")
def retry_letters(numbers: Numbers, yes: Yes = False, as_json: Json = False) -> None:
    """Let a worker try once more; what succeeds is taken out of the list."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations import dead_letters  # noqa: PLC0415 - heavy

        return await dead_letters.retry_letters(operator, numbers, yes=yes)

    run(work, as_json=as_json)


@letters.command("discard")
def discard_letters(numbers: Numbers, yes: Yes = False, as_json: Json = False) -> None:
    """Take letters out of the list for good. Their events stay in the log."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations import dead_letters  # noqa: PLC0415 - heavy

        return await dead_letters.discard_letters(operator, numbers, yes=yes)

    run(work, as_json=as_json)


@consumers.command("lag")
def show_lag(
    most: Annotated[
        int | None, typer.Option(min=0, help="Exit code 3 if more wait for one of them.")
    ] = None,
    as_json: Json = False,
) -> None:
    """How far every reader of the logs is behind."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.lagging import lag  # noqa: PLC0415 - heavy

        return await lag(operator, most)

    run(work, as_json=as_json)


@erase.command("contact")
def erase_contact(
    contact_id: Annotated[str, typer.Argument(help="Id of the contact.")],
    user: Annotated[
        str | None, typer.Option(help="User id of an administrator; the demo's if left out.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take a person out of service, log and archive, and see to it that it has happened."""
    known = (user, typer.prompt("Password", hide_input=True)) if user and yes else None

    async def work(operator: "Operator") -> int:
        from switchboard.operations.erasing import erase_contact as forget  # noqa: PLC0415 - heavy

        return await forget(operator, contact_id, known, yes=yes)

    run(work, as_json=as_json)


@keys.command("rotate")
def rotate_keys(
    what: Annotated[
        str,
        typer.Argument(
            help="codes, sealing, signing, or the keyring of sessions, provisioning or notifier."
        ),
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Add a new key and use it from now on; the old ones stay."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.keys import rotate  # noqa: PLC0415 - heavy

        return await rotate(operator, what, yes=yes)

    run(work, as_json=as_json)


def doctor(as_json: Json = False) -> None:
    """Look at configuration, broker, rights, clocks, disks and stores, with remedies."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.doctor import doctor  # noqa: PLC0415 - heavy

        return await doctor(operator)

    run(work, as_json=as_json)
