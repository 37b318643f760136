"""Resident memory of `switchboard up` with everything it starts."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.events import PLACE, Pattern
from bench.filling import fill
from bench.measuring import Bench, Line
from bench.processes import Program
from bench.product import product
from chassis.cause import new_id
from chassis.event_store import Aggregate
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nkeys import seed_file
from schemas.provisioning import ContactAdded, Email

MOST_IDLE_MEGABYTES = 250
EVENTS, QUICK_EVENTS = 100_000, 10_000
SETTLE_SECONDS = 3
PROJECTED = re.compile(
    r'^switchboard_projected_events_total\{.*stream="PROVISIONING".*\} (\S+)$', re.MULTILINE
)


async def measure(bench: Bench) -> list[Line]:
    """Idle, and after every projector has read many more events."""
    events, data = QUICK_EVENTS if bench.quick else EVENTS, bench.folder / "memory"
    async with product(data) as program:
        bench.report("memory: idle", 0, 1)
        await asyncio.sleep(SETTLE_SECONDS)
        idle = _lines("idle", program, MOST_IDLE_MEGABYTES)
        await _fill(bench, data, events)
        await _projected(bench, program, events)
        await asyncio.sleep(SETTLE_SECONDS)
        return idle + _lines(f"after {events:,} events", program)


def _lines(when: str, program: Program, most: float | None = None) -> list[Line]:
    resident = {name: size / 1e6 for name, size in program.resident_bytes().items()}
    whole = Line(what=f"memory, {when}", unit="MB", ours=sum(resident.values()), most=most)
    parts = [
        Line(what=f"  of which {name}", unit="MB", ours=size) for name, size in resident.items()
    ]
    return [whole, *parts]


async def _fill(bench: Bench, data: Path, events: int) -> None:
    (ports,) = (data / "nats").glob("*.ports")
    url = json.loads(ports.read_text())["nats"][0]
    admin = await connect(url, "setup", seed_file(data / "nats" / "keys", "setup"))
    try:
        what = "memory: filling the log"
        await fill(admin, _contacts(events), lambda n: bench.report(what, n, events))
    finally:
        await admin.close()


async def _projected(bench: Bench, program: Program, events: int) -> None:
    async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
        least = 0.0
        while least < events:
            found = PROJECTED.findall((await http.get("/metrics")).text)
            least = min(map(float, found), default=0.0)
            bench.report("memory: projecting", min(least, events), events)
            await asyncio.sleep(0.5)


def _contacts(events: int) -> Iterator[tuple[str, bytes]]:
    # No service reacts to a contact, and all that know of contacts fold it.
    email = Email(email_id=new_id(), address="ada@demo.example", label="work")
    fact = ContactAdded(contact_id=PLACE, first_name="Ada", last_name="Lovelace", emails=(email,))
    pattern = Pattern(Aggregate("provisioning", "acme", "contact", PLACE), 1, fact)
    return (pattern.written(new_id()) for _ in range(events))
