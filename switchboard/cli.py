"""The command line: run everything, run one service, set the broker up, tell the story."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from chassis.observing import logs
from chassis.settings import WrongSettings
from switchboard.settings import Settings

app = typer.Typer(
    name="switchboard",
    help="Provisions softphones and signs call-centre agents in.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
notifier = typer.Typer(help="The mails.", no_args_is_help=True)
app.add_typer(notifier, name="notifier")
console = Console()
errors = Console(stderr=True)

ServiceName = Annotated[
    str, typer.Argument(help="sessions, provisioning, activation, notifier or portal.")
]


@app.command()
def up(
    organization: Annotated[
        str, typer.Option(help="Name of the demo organization.")
    ] = "Demo organization",
    domain: Annotated[str, typer.Option(help="Its domain.")] = "demo.example",
    demo: Annotated[bool, typer.Option(help="Start with a demo organization.")] = True,
) -> None:
    """Run the whole product on this machine until Ctrl-C."""
    from switchboard.running import run_until_stopped  # noqa: PLC0415 - heavy

    settings = _settings()
    _run(run_until_stopped(settings, console, (organization, domain) if demo else None))


@app.command()
def demo(
    csv: Annotated[
        Path | None, typer.Option(help="Provision every row of this CSV of people instead.")
    ] = None,
) -> None:
    """Tell the story of one softphone against the product, starting it if need be."""
    from switchboard.demo.telling import tell_story  # noqa: PLC0415 - heavy

    _run(tell_story(_settings(), console, csv))


@app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="CSV file of people; see docs/operations.md.")],
    user: Annotated[
        str | None, typer.Option(help="User id of an administrator; the demo's if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only check every row.")] = False,
) -> None:
    """Make contacts, SIP accounts and devices of a CSV file, each row exactly once."""
    from switchboard.importing import import_file  # noqa: PLC0415 - heavy

    known = (user, typer.prompt("Password", hide_input=True)) if user else None
    _run(import_file(_settings(), console, file, known, dry_run=dry_run))


@app.command()
def serve(service: ServiceName) -> None:
    """Answer the HTTP requests of one service until stopped."""
    from switchboard.one_service import run_one  # noqa: PLC0415 - heavy

    _run(run_one(_settings(), service, serves=True, works=False))


@app.command()
def work(service: ServiceName) -> None:
    """Keep the read models of one service and carry out its reactions until stopped."""
    from switchboard.one_service import run_one  # noqa: PLC0415 - heavy

    _run(run_one(_settings(), service, serves=False, works=True))


@app.command()
def setup() -> None:
    """Create or update streams and durables on the broker, as deploy/topology.yaml says."""
    from switchboard.one_service import set_up  # noqa: PLC0415 - heavy

    _run(set_up(_settings(), console))


@notifier.command("dry-run")
def dry_run(
    begin: Annotated[datetime, typer.Option("--from", help="Asked for from then on, in UTC.")],
    end: Annotated[datetime | None, typer.Option("--to", help="Until then; else now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the mails that a replay of the log would send, and send none."""
    from switchboard.dry_run import Span  # noqa: PLC0415 - heavy
    from switchboard.dry_run import dry_run as list_mails  # noqa: PLC0415 - heavy

    _run(list_mails(_settings(), Span.of(begin, end), console, as_json=as_json))


def _settings() -> Settings:
    try:
        settings = Settings.load()
    except WrongSettings as wrong:
        _fail(str(wrong))
    logs.configure(settings.log_level)
    return settings


def _run(work: Coroutine[Any, Any, None]) -> None:
    from switchboard.failures import EXPECTED  # noqa: PLC0415 - heavy

    try:
        asyncio.run(work)
    except EXPECTED as failure:
        _fail(str(failure))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fail(text: str) -> NoReturn:
    errors.print(f"[bold red]Stopped.[/] {text}", highlight=False)
    raise typer.Exit(1)
