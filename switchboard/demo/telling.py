"""`switchboard demo`: the story or a whole CSV, with its progress on the screen."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from switchboard.demo.client import Client, Unreachable
from switchboard.demo.organization import DemoOrganization
from switchboard.demo.people import Done, Provisioning, Row, rows
from switchboard.demo.story import Person, Told, new_run, tell
from switchboard.settings import Settings

PERSON = Person("Ada", "Lovelace", "ada.lovelace@demo.example")
STEPS = 8
START_PATIENCE_SECONDS = 60


async def tell_story(settings: Settings, console: Console, csv: Path | None) -> None:
    """Drive the running product. Raises `Refusal`, `Unreachable`, `UnusableFile`."""
    people = rows(csv) if csv else None
    async with _running(settings, console) as http:
        client = await _signed_in(settings, http)
        if people is None:
            _show(console, settings, await _told(client, console))
        else:
            _list(console, [done async for done in _all(client, console, people)])


async def _signed_in(settings: Settings, http: httpx.AsyncClient) -> Client:
    organization = DemoOrganization.kept(settings.data)
    if organization is None:
        raise Unreachable(
            f"There is no demo organization in {settings.data}. Start the product with "
            "`make run`, or say where its data is with SWITCHBOARD_DATA."
        )
    client = Client(http)
    await client.sign_in(organization.user_id, organization.password)
    return client


async def _told(client: Client, console: Console) -> Told:
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=STEPS)

        def step(text: str) -> None:
            progress.update(task, description=text)
            progress.advance(task)
            progress.console.print(f"  {text}")

        return await tell(client, PERSON, new_run(), step)


async def _all(client: Client, console: Console, people: list[Row]) -> AsyncIterator[Done]:
    columns = (
        TextColumn("Provisioning"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    provisioning = Provisioning(client)
    with Progress(*columns, console=console) as progress:
        for row in progress.track(people):
            yield await provisioning.provision(row)


def _show(console: Console, settings: Settings, told: Told) -> None:
    console.print(f"\nThe code in the mail was [bold]{told.code}[/]; the device is set up with:\n")
    console.print_json(json.dumps(told.configuration))
    console.print(
        f"\nRead the mail at {settings.origin}/dev/mailbox/{told.mail_id}", highlight=False
    )


def _list(console: Console, outcomes: list[Done]) -> None:
    table = Table("Line", "Person", "Device", "Code or reason")
    for done in outcomes:
        person = f"{done.row.cell('first_name') or ''} {done.row.cell('last_name') or ''}".strip()
        outcome = done.code or f"[red]{done.refusal}[/]"
        table.add_row(str(done.row.number), person, done.row.cell("device_name") or "", outcome)
    console.print(table)
    refused = sum(1 for done in outcomes if done.refusal)
    console.print(f"{len(outcomes) - refused} set up and mailed, {refused} refused.")


@asynccontextmanager
async def _running(settings: Settings, console: Console) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running product; one that was started for this is stopped again."""
    url = f"http://{settings.host}:{settings.port}"
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        if await _ready(http):
            yield http
            return
        console.print("The product is not running; starting it for this.")
        command = (sys.executable, "-m", "switchboard", "up")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220, S603 - our own command, and starting it is quick
        try:
            await _wait(http, process)
            yield http
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)


async def _ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _wait(http: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_PATIENCE_SECONDS * 5):
        if process.poll() is not None:
            raise Unreachable("The product did not start; it said why above.")
        if await _ready(http):
            return
        await asyncio.sleep(0.2)
    raise Unreachable(f"The product was not ready after {START_PATIENCE_SECONDS} seconds.")
