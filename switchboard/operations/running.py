"""Runs one operator's command: settings, failures in words, exit code."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from chassis.observing import logs
from chassis.settings import WrongSettings
from switchboard.settings import Settings

if TYPE_CHECKING:
    from switchboard.operations.operator import Operator

Json = Annotated[bool, typer.Option("--json", help="One line of JSON per row.")]
Yes = Annotated[
    bool, typer.Option("--yes", help="Do it; without this, only say what would happen.")
]


def run(work: "Callable[[Operator], Awaitable[int]]", *, as_json: bool = False) -> NoReturn:
    """Run `work` with an `Operator`, then leave with its exit code."""
    from switchboard.operations.failures import EXPECTED  # noqa: PLC0415 - heavy
    from switchboard.operations.operator import operating  # noqa: PLC0415 - heavy
    from switchboard.operations.shown import FAILED, Shown  # noqa: PLC0415 - heavy

    shown = Shown(as_json)

    async def operated() -> int:
        async with operating(load_settings(), shown) as operator:
            return await work(operator)

    try:
        code = asyncio.run(operated())
    except EXPECTED as failure:
        _say(f"[bold red]Stopped.[/] {failure}")
        code = FAILED
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


def load_settings() -> Settings:
    """The settings of the installation; its log is silent, since what is wrong is said."""
    try:
        settings = Settings.load()
    except WrongSettings as wrong:
        _say(f"[bold red]Stopped.[/] {wrong}")
        raise typer.Exit(1) from None
    logs.configure("ERROR" if settings.log_level == "INFO" else settings.log_level)
    return settings


def _say(text: str) -> None:
    Console(stderr=True).print(text, highlight=False, soft_wrap=True)
