"""Limits on mails over several workers that count on a real broker."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest

from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.keyring import Keyring
from chassis.reactions import RetryLater
from chassis.testing.nats_server import RunningNats
from services.notifier.pace import Pace, Paces

pytest_plugins = ["chassis.testing.nats_fixtures"]

NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
MOST = 5


@pytest.fixture
async def _empty(nats: RunningNats) -> None:
    await nats.wipe()


@pytest.mark.usefixtures("_empty")
async def test_workers_that_send_at_the_same_time_keep_to_one_limit(nats: RunningNats) -> None:
    keyring = Keyring.fresh()
    async with nats.connected("notifier") as one, nats.connected("notifier") as other:
        workers = [
            Paces(
                JetStreamCounters(nc, "notifier"),
                recipient=Pace(1000, 3600),
                organization=Pace(MOST, 60),
                digest=partial(keyring.fingerprint, "mail-limit"),
                clock=lambda: NOON,
            )
            for nc in (one, other)
        ]
        waits = await asyncio.gather(*(_send(workers[n % 2], n) for n in range(3 * MOST)))
    assert sorted(waits) == [0.0] * MOST + [60.0] * MOST + [120.0] * MOST


async def _send(paces: Paces, number: int) -> float:
    try:
        async with paces.room("acme", f"ada{number}@example.com") as room:
            room.take()
    except RetryLater as later:
        return later.seconds
    return 0.0
