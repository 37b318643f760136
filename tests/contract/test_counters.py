"""Counters that all replicas share: no two callers ever get the same answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from chassis.counters import Counters, LocalCounters
from chassis.event_store import StoreUnavailable
from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.testing.nats_server import RunningNats

pytest_plugins = ["chassis.testing.nats_fixtures"]


@pytest.fixture(params=["local", "jetstream"])
async def replicas(
    request: pytest.FixtureRequest, nats: RunningNats
) -> AsyncIterator[list[Counters]]:
    """Three replicas that count in the same place."""
    if request.param == "local":
        yield [LocalCounters()] * 3
        return
    await nats.wipe()
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(nats.connected("activation")) for _ in range(3)
        ]
        yield [JetStreamCounters(nc, "activation") for nc in connections]


async def test_a_counter_starts_at_nothing_and_adds_up(replicas: list[Counters]) -> None:
    one, other, _ = replicas
    assert [await one.add("a", 1), await other.add("a", 2), await one.add("a", -1)] == [1, 3, 2]
    assert await one.add("b.1", 1) == 1


async def test_adding_nothing_tells_what_a_counter_is(replicas: list[Counters]) -> None:
    one, other, _ = replicas
    assert await one.add("a", 0) == 0
    await one.add("a", 3)
    assert [await other.add("a", 0), await one.add("a", 1)] == [3, 4]


async def test_no_two_additions_get_the_same_answer(replicas: list[Counters]) -> None:
    answers = await asyncio.gather(*(replicas[n % 3].add("hot", 1) for n in range(300)))
    assert sorted(answers) == list(range(1, 301))


async def test_who_cannot_count_is_told_so(nats: RunningNats) -> None:
    async with nats.connected("notifier") as nc:
        foreign = JetStreamCounters(nc, "activation", patience=0.2)
        with pytest.raises(StoreUnavailable):
            await foreign.add("a", 1)
