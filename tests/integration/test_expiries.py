"""The end of a lease reaches the service that keeps it, also after the broker was away."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from chassis.jetstream import setup
from chassis.jetstream.jetstream_leases import STREAM, JetStreamLeases
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nats_process import NatsServer, nats_server
from chassis.jetstream.topology import Topology
from chassis.leases import Expiry
from chassis.testing.eventually import eventually
from chassis.testing.ports import reserved_port
from chassis.workers.crowds import SHARE
from chassis.workers.expiries import ExpiryWatch

TOPOLOGY = Topology.load()
PATIENCE = 10
Ended = Callable[[str, int], Awaitable[None]]


@asynccontextmanager
async def broker(folder: Path, port: int) -> AsyncIterator[NatsServer]:
    """A broker that was set up; leaving kills it without warning."""
    async with nats_server(folder, TOPOLOGY, port=port) as server:
        admin = await connect(server.url, "setup", server.seed("setup"))
        await setup.apply(admin, TOPOLOGY)
        await admin.close()
        try:
            yield server
        finally:
            os.kill(server.pid, signal.SIGKILL)


@asynccontextmanager
async def watching(
    server: NatsServer, ended: Ended, patience: float = 0, beaten: bool = False
) -> AsyncIterator[JetStreamLeases]:
    nc = await connect(server.url, "sessions", server.seed("sessions"))
    watch = ExpiryWatch(nc, "sessions", STREAM, Expiry(ended, patience, lambda _: beaten))
    running = asyncio.create_task(watch.run())
    try:
        yield JetStreamLeases(nc)
    finally:
        watch.stop()
        await running
        await nc.close()


async def beat(leases: JetStreamLeases, keys: Sequence[str]) -> None:
    """As clients do, until cancelled."""
    while True:
        await asyncio.gather(*(leases.hold(key, 60) for key in keys))
        await asyncio.sleep(1)


async def test_the_end_of_a_lease_is_told_once_and_soon(tmp_path: Path) -> None:
    told: list[str] = []

    async def ended(key: str, _: int) -> None:
        told.append(key)

    async def something() -> bool:
        return bool(told)

    async with broker(tmp_path, -1) as server, watching(server, ended) as leases:
        await leases.hold("session.acme.s1", 1)
        await leases.hold("session.acme.s2", 300)
        began = time.monotonic()
        await eventually(something)
        assert time.monotonic() - began < 15
        await asyncio.sleep(0.5)
        assert told == ["session.acme.s1"]


@asynccontextmanager
async def hanging(server: NatsServer) -> AsyncIterator["asyncio.Task[None]"]:
    """A worker that has the end of a lease in hand, and does not get ready with it."""
    taken = asyncio.Event()

    async def hangs(_key: str, _: int) -> None:
        taken.set()
        await asyncio.Event().wait()

    nc = await connect(server.url, "sessions", server.seed("sessions"))
    worker = asyncio.create_task(ExpiryWatch(nc, "sessions", STREAM, Expiry(hangs, 0)).run())
    await JetStreamLeases(nc).hold("session.acme.s1", 1)
    await taken.wait()
    try:
        yield worker
    finally:
        worker.cancel()
        await nc.close()


async def test_what_a_killed_worker_had_in_hand_goes_to_the_next_one(tmp_path: Path) -> None:
    told: list[str] = []

    async def ended(key: str, _: int) -> None:
        told.append(key)

    async def something() -> bool:
        return bool(told)

    async with broker(tmp_path, -1) as server:
        async with hanging(server):
            pass
        async with watching(server, ended):
            await eventually(something, seconds=25)
    assert told == ["session.acme.s1"]


@pytest.mark.nightly
async def test_what_a_worker_has_in_hand_is_not_delivered_again(tmp_path: Path) -> None:
    async with broker(tmp_path, -1) as server, hanging(server) as worker:
        await asyncio.sleep(12)
        assert not worker.done()
        admin = await connect(server.url, "setup", server.seed("setup"))
        info = await admin.jetstream().consumer_info(STREAM, "sessions-expiries-heartbeats")
        await admin.close()
        assert (info.num_ack_pending, info.num_redelivered) == (1, 0)


async def test_what_fails_is_told_again(tmp_path: Path) -> None:
    tries: list[str] = []

    async def ended(key: str, _: int) -> None:
        tries.append(key)
        if len(tries) == 1:
            raise RuntimeError("not yet")

    async def twice() -> bool:
        return len(tries) == 2

    async with broker(tmp_path, -1) as server, watching(server, ended) as leases:
        await leases.hold("session.acme.s1", 1)
        await eventually(twice)


async def test_holders_come_first_when_many_leases_end_at_once(tmp_path: Path) -> None:
    told = dict[str, float]()
    keys = [f"session.acme.s{number}" for number in range(50)]

    async def ended(key: str, _: int) -> None:
        if not (await leases.look(key)).held:
            told.setdefault(key, time.monotonic())

    held = list[str]()

    async def all_dead_told() -> bool:
        return set(keys) - set(held) <= set(told)

    async def all_over() -> bool:
        return not any([(await leases.look(key)).held for key in keys])

    watched = partial(watching, ended=ended, patience=PATIENCE, beaten=True)
    async with broker(tmp_path, -1) as server, watched(server) as leases:
        await asyncio.sleep(PATIENCE)
        await asyncio.gather(*(leases.hold(key, 1) for key in keys))
        await eventually(all_over)
        # Long enough to tell those of whom it is told at once, and far from the end of patience.
        await asyncio.sleep(2)
        early, over = set(told), time.monotonic()
        assert len(early) <= SHARE * len(keys)
        held += [key for key in keys if key not in early][:10]
        await asyncio.gather(*(leases.hold(key, 300) for key in held))
        await eventually(all_dead_told)
    assert set(held) & set(told) == set()
    assert min(at - over for key, at in told.items() if key not in early) > PATIENCE / 4


async def test_holders_come_first_after_the_broker_was_away(tmp_path: Path) -> None:
    port, told = reserved_port(), set[str]()
    alive = [f"session.acme.s{number}" for number in range(100)]
    dead = [f"session.acme.s{number}" for number in range(100, 200)]

    async def ended(key: str, _: int) -> None:
        if not (await leases.look(key)).held:
            told.add(key)

    async def back() -> bool:
        return leases.steady_seconds > 0

    async def all_dead_told() -> bool:
        return len(told) == len(dead)

    async with broker(tmp_path, port) as server:
        watched = watching(server, ended, patience=PATIENCE)
        leases = await watched.__aenter__()
        await asyncio.gather(*(leases.hold(key, 3) for key in alive + dead))
    await asyncio.sleep(6)
    assert told == set()
    async with broker(tmp_path, port):
        await eventually(back)
        await asyncio.gather(*(leases.hold(key, 300) for key in alive))
        assert told == set()
        # The broker may write the end of a lease down just after it was held again.
        beating = asyncio.create_task(beat(leases, alive))
        await eventually(all_dead_told)
        assert told == set(dead)
        beating.cancel()
        await watched.__aexit__(None, None, None)
