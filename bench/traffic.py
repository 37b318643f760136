"""A product in use: events arrive at an even pace, and readers watch that no list gets older."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from nats.aio.client import Client

from bench.events import PLACE, Pattern
from chassis.cause import new_id
from chassis.event_store import Aggregate
from schemas.envelope import CONTENT_TYPE
from schemas.provisioning import ContactAdded, Email
from switchboard.demo.client import Client as Caller

PER_SECOND, AT_ONCE = 50, 5
READ_PAUSE_SECONDS = 0.1
MOST_LISTED = 200


class Older(Exception):
    """A reader saw less than before."""


@dataclass
class Seen:
    """What readers saw so far, and how often they looked."""

    reads: int = 0
    arrived: int = 0
    contacts: int = 0
    listed: int = 0


async def arriving(admin: Client, organization: str, seen: Seen) -> None:
    """Contacts are added at `PER_SECOND`, until cancelled."""
    contacts = _contacts(organization)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        for _ in range(AT_ONCE):
            subject, body = next(contacts)
            await admin.publish(subject, body, headers={"content-type": CONTENT_TYPE})
            seen.arrived += 1
        due += AT_ONCE / PER_SECOND
        await asyncio.sleep(max(due - loop.time(), 0))


def _contacts(organization: str) -> Iterator[tuple[str, bytes]]:
    email = Email(email_id=new_id(), address="ada@demo.example", label="work")
    fact = ContactAdded(contact_id=PLACE, first_name="Ada", last_name="Lovelace", emails=(email,))
    pattern = Pattern(Aggregate("provisioning", organization, "contact", PLACE), 1, fact)
    while True:
        yield pattern.written(new_id())


async def read_on(caller: Caller, seen: Seen) -> None:
    """Look at a list and a number again and again, until cancelled. Raises `Older`."""
    while True:
        counted = (await caller.read("/api/v1/counts"))["contacts"]
        page = await caller.read(f"/api/v1/contacts?limit={MOST_LISTED}")
        listed = len(page["items"])
        if counted < seen.contacts or listed < seen.listed:
            raise Older(f"{counted} after {seen.contacts} contacts, {listed} after {seen.listed}")
        seen.contacts, seen.listed, seen.reads = counted, listed, seen.reads + 2
        await asyncio.sleep(READ_PAUSE_SECONDS)


async def stopped(*tasks: "asyncio.Task[None]") -> None:
    """End them; what one of them raised is raised. Raises `Older`."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
