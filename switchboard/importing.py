"""`switchboard import`: sends a CSV file of people, and shows how far it has come."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from switchboard.demo.client import Client, Json
from switchboard.demo.organization import DemoOrganization
from switchboard.demo.people import UnusableFile
from switchboard.settings import Settings

LOOKS_EVERY_SECONDS = 0.5
MOST_SHOWN = 20


async def import_file(
    settings: Settings, console: Console, file: Path, user: tuple[str, str] | None, *, dry_run: bool
) -> None:
    """Import as this user id and password, else as the demo organization's administrator.

    Raises `Refusal`, `Unreachable`, `UnusableFile`.
    """
    content = _content(file)
    async with httpx.AsyncClient(base_url=settings.origin, timeout=60) as http:
        client = Client(http)
        await client.sign_in(*(user or _demo(settings)))
        answer = await client.upload(f"/api/v1/imports?dry_run={str(dry_run).lower()}", content)
        if dry_run:
            _show(console, answer["rows"], answer["valid"], answer["refused"], answer["items"])
            return
        done = await _followed(client, console, answer)
        refused = await client.read(f"/api/v1/imports/{done['id']}?state=refused&limit=200")
        _show(console, done["rows"], done["applied"], done["refused"], refused["items"])


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as reason:
        raise UnusableFile(f"{file} cannot be read: {reason.strerror}.") from None


def _demo(settings: Settings) -> tuple[str, str]:
    kept = DemoOrganization.kept(settings.data)
    if kept is None:
        raise UnusableFile("There is no demo organization here: say who imports with --user.")
    return kept.user_id, kept.password


async def _followed(client: Client, console: Console, started: Json) -> Json:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("rows", total=started["rows"])
        while True:
            now: Any = await client.read(f"/api/v1/imports/{started['id']}?limit=1")
            progress.update(task, completed=now["applied"] + now["refused"])
            if now["state"] != "running":
                return dict(now)
            await asyncio.sleep(LOOKS_EVERY_SECONDS)


def _show(console: Console, rows: int, good: int, refused: int, items: list[Json]) -> None:
    console.print(f"{rows} rows: {good} good, {refused} refused.")
    if not items:
        return
    table = Table("row", "column", "what to do")
    for item in items[:MOST_SHOWN]:
        for problem in item["problems"]:
            table.add_row(str(item["row"]), problem["column"], problem["message"])
    console.print(table)
