"""Leases run out by themselves, are held by whoever looked last, and the end of each is told."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from chassis.jetstream.jetstream_leases import JetStreamLeases
from chassis.leases import Lease, LeaseMoved, Leases
from chassis.testing.eventually import eventually
from chassis.testing.leases import MemoryLeases
from chassis.testing.nats_server import RunningNats

pytest_plugins = ["chassis.testing.nats_fixtures"]

KEY = "session.acme.s1"


@pytest.fixture(params=["memory", "jetstream"])
async def leases(request: pytest.FixtureRequest, nats: RunningNats) -> AsyncIterator[Leases]:
    if request.param == "memory":
        yield MemoryLeases()
        return
    await nats.wipe()
    async with nats.connected("sessions") as nc:
        yield JetStreamLeases(nc)


async def is_over(leases: Leases) -> bool:
    return not (await leases.look(KEY)).held


async def test_what_was_never_held_is_free(leases: Leases) -> None:
    assert await leases.look(KEY) == Lease(held=False, revision=0)


async def test_a_lease_is_held_until_its_time_is_over(leases: Leases) -> None:
    await leases.hold(KEY, 2)
    assert (await leases.look(KEY)).held
    await eventually(partial(is_over, leases))


async def test_holding_on_begins_the_time_anew(leases: Leases) -> None:
    await leases.hold(KEY, 3)
    for _ in range(3):
        await asyncio.sleep(1.1)
        await leases.hold(KEY, 3, revision=(await leases.look(KEY)).revision)
    assert (await leases.look(KEY)).held


async def test_a_part_of_a_second_counts_as_a_whole_one(leases: Leases) -> None:
    await leases.hold(KEY, 0.01)
    assert (await leases.look(KEY)).held


async def test_of_two_who_looked_one_holds(leases: Leases) -> None:
    seen = await leases.look(KEY)
    await leases.hold(KEY, 5, revision=seen.revision)
    with pytest.raises(LeaseMoved):
        await leases.hold(KEY, 5, revision=seen.revision)


async def test_what_ran_out_can_be_held_again(leases: Leases) -> None:
    await leases.hold(KEY, 1)
    await eventually(partial(is_over, leases))
    over = await leases.look(KEY)
    await leases.hold(KEY, 5, revision=over.revision)
    assert (await leases.look(KEY)).held


async def test_whoever_asks_for_no_revision_always_holds(leases: Leases) -> None:
    await leases.hold(KEY, 5)
    await leases.hold(KEY, 5)
    assert (await leases.look("session.acme.s2")) == Lease()


async def test_the_broker_has_been_steady_for_some_time(leases: Leases) -> None:
    before = leases.steady_seconds
    await asyncio.sleep(0.05)
    assert leases.steady_seconds >= before >= 0
