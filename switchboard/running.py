"""`switchboard up`: start everything, say where to go, stop cleanly."""

import time

import httpx
from rich.console import Console

from chassis import tracing
from chassis.web.server import stop_on_signals
from switchboard.demo.client import Client
from switchboard.demo.organization import DemoOrganization
from switchboard.settings import Settings
from switchboard.up import mails_are_caught, product


async def run_until_stopped(
    settings: Settings, console: Console, demo: tuple[str, str] | None
) -> None:
    """Run the product; `demo` is name and domain of the organization to start with."""
    began = time.monotonic()
    stop = stop_on_signals()
    chosen = settings
    if demo and settings.default_domain is None:
        chosen = settings.model_copy(update={"default_domain": demo[1]})
    with console.status("Starting") as status, tracing.exported("switchboard"):
        async with product(chosen, status.update) as health:
            organization = await _registered(chosen, demo) if demo else None
            health.started()
            status.stop()
            _greet(console, chosen.origin, organization, time.monotonic() - began)
            await stop.wait()
            console.print("Stopping; everything is kept.")


async def _registered(settings: Settings, demo: tuple[str, str]) -> DemoOrganization:
    organization = DemoOrganization.chosen(settings.data, *demo)
    local = f"http://{settings.host}:{settings.port}"
    async with httpx.AsyncClient(base_url=local) as http:
        await organization.register(Client(http))
    return organization


def _greet(
    console: Console, origin: str, organization: DemoOrganization | None, seconds: float
) -> None:
    console.print(f"\n[bold green]Switchboard is ready[/] after {seconds:.1f} s.\n")
    rows = [
        ("Open", f"{origin}/"),
        ("API", f"{origin}/provisioning/docs"),
        *([("Mailbox", f"{origin}/dev/mailbox")] if mails_are_caught() else []),
        ("Health", f"{origin}/readyz"),
    ]
    if organization:
        rows += [("Sign in as", organization.user_id), ("Password", organization.password)]
    for name, value in rows:
        console.print(f"  {name:<11} {value}", highlight=False)
    console.print(
        "\nNow run [bold]make demo[/] in another terminal. Ctrl-C stops; nothing is lost."
    )
