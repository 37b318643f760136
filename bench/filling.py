"""Fills a log with many events at once: atomic batches of a thousand, as the platform's user."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from nats.aio.client import Client

from chassis.cause import new_id
from schemas.envelope import CONTENT_TYPE

BATCH = 1000
BATCHES_IN_FLIGHT = 3
PATIENCE_SECONDS = 60

Messages = Sequence[tuple[str, bytes]]


class NotFilled(Exception):
    """The broker did not take the events. The text is its own."""


async def fill(
    admin: Client, messages: Iterable[tuple[str, bytes]], told: Callable[[int], object]
) -> None:
    """Store all messages. Raises `NotFilled`."""
    batches, stored = _batches(messages), 0

    async def store() -> None:
        nonlocal stored
        for batch in batches:
            await _store(admin, batch)
            stored += len(batch)
            told(stored)

    async with asyncio.TaskGroup() as group:
        for _ in range(BATCHES_IN_FLIGHT):
            group.create_task(store())


def _batches(messages: Iterable[tuple[str, bytes]]) -> Iterator[Messages]:
    rest = iter(messages)
    while batch := list(islice(rest, BATCH)):
        yield batch


async def _store(admin: Client, batch: Messages) -> None:
    *others, (subject, body) = batch
    headers = {"content-type": CONTENT_TYPE, "Nats-Batch-Id": new_id()}
    for number, (other, content) in enumerate(others, 1):
        await admin.publish(other, content, headers=headers | {"Nats-Batch-Sequence": str(number)})
    last = {"Nats-Batch-Sequence": str(len(batch)), "Nats-Batch-Commit": "1"}
    answer = await admin.request(subject, body, headers=headers | last, timeout=PATIENCE_SECONDS)
    if error := json.loads(answer.data).get("error"):
        raise NotFilled(error["description"])
