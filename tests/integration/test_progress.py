"""Read your writes across services: a read waits for what the caller has seen, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from prometheus_client import CollectorRegistry

from chassis.event_store import Aggregate, History, Position, Recorded
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.progress import Progress, Reacted
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import Reactions
from chassis.read_models import Checkpoint
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import subject_of
from chassis.testing.nats_server import RunningNats
from chassis.testing.notes import change
from chassis.testing.read_models import MemoryReadModelStore
from chassis.workers.react import Reactor
from schemas.envelope import Envelope
from schemas.provisioning import DeviceRemoved

pytest_plugins = ["chassis.testing.nats_fixtures"]

SERVICE = "activation"
FOREIGN = "PROVISIONING"
DURABLE = "activation-reactions-provisioning"
CODE = Aggregate(SERVICE, "acme", "activation", "a1")


class World:
    """The activation service, which appends an event of its own for each device."""

    def __init__(self, nc: Connection) -> None:
        self.store = MemoryEventStore(SERVICE)
        self.read_models = MemoryReadModelStore()
        self.may_react = asyncio.Event()
        self.reactions = 0
        self.reacted = Reacted(Inbox(nc), FOREIGN, DURABLE, "JSP")
        self.progress = Progress(
            service=SERVICE,
            streams={SERVICE: "ACTIVATION", "provisioning": FOREIGN, "sessions": "SESSIONS"},
            projected=frozenset({"ACTIVATION", FOREIGN}),
            reacted={FOREIGN: self.reacted},
            store=self.store,
            read_models=self.read_models,
        )

    async def react(self, _: Recorded) -> None:
        """Follow with an event in the service's own log."""
        await self.may_react.wait()
        (history,) = await self.store.load(CODE)
        await self.store.append([change(history, DeviceRemoved(device_id=CODE.id))])
        self.reactions += 1

    async def project(self, stream: str, sequence: int) -> None:
        """Bring the read models up to a sequence."""
        await self.read_models.apply([], Checkpoint(SERVICE, stream, "first", sequence))


def envelope(aggregate: Aggregate) -> Envelope:
    event = DeviceRemoved(device_id=aggregate.id)
    return change(History(aggregate), event).envelopes[0]


@pytest.fixture
async def world(nats: RunningNats, clients: dict[str, Connection]) -> AsyncIterator[World]:
    await nats.wipe()
    world = World(clients[SERVICE])
    await world.read_models.open()
    reactions: Reactions = {DeviceRemoved: world.react}
    metrics = WorkerMetrics(CollectorRegistry())
    reactor = Reactor(clients[SERVICE], SERVICE, FOREIGN, reactions, metrics)
    running = asyncio.create_task(reactor.run())
    yield world
    world.may_react.set()
    reactor.stop()
    await running


async def publish(nc: Connection, device: str = "d1") -> Position:
    one = envelope(Aggregate("provisioning", "acme", "device", device))
    ack = await nc.jetstream(prefix="JSP").publish(subject_of(one), one.model_dump_json().encode())
    return Position("provisioning", ack.seq)


async def test_a_read_waits_for_the_own_projection(world: World) -> None:
    await world.project("ACTIVATION", 4)
    assert not await world.progress.wait_for(Position(SERVICE, 5), 0.1)
    waiting = asyncio.create_task(world.progress.wait_for(Position(SERVICE, 5), PATIENCE_SECONDS))
    await world.project("ACTIVATION", 5)
    assert await waiting


async def test_a_read_waits_for_what_a_foreign_event_brings_about(
    world: World, clients: dict[str, Connection]
) -> None:
    foreign = await publish(clients["provisioning"])
    assert not await world.progress.wait_for(foreign, 0.1)
    await world.project(FOREIGN, foreign.sequence)
    assert not await world.progress.wait_for(foreign, 0.3)
    world.may_react.set()
    assert not await world.progress.wait_for(foreign, 0.3)
    await world.project("ACTIVATION", (await world.store.last_position()).sequence)
    assert await world.progress.wait_for(foreign, PATIENCE_SECONDS)


async def test_an_event_just_confirmed_is_never_taken_for_reacted_to(
    world: World, clients: dict[str, Connection]
) -> None:
    world.may_react.set()
    for count in range(1, 301):
        foreign = await publish(clients["provisioning"], f"d{count}")
        await eventually(partial(world.reacted.reached, foreign.sequence))
        assert world.reactions == count


async def test_a_position_of_a_log_that_does_not_matter_here_is_not_waited_for(
    world: World,
) -> None:
    assert await world.progress.wait_for(Position("sessions", 10**9), PATIENCE_SECONDS)


async def test_trouble_with_the_broker_is_a_no_in_time(
    world: World, clients: dict[str, Connection]
) -> None:
    await world.project(FOREIGN, 1)
    await clients[SERVICE].close()
    before = asyncio.get_running_loop().time()
    assert not await world.progress.wait_for(Position("provisioning", 1), 0.3)
    assert asyncio.get_running_loop().time() - before < PATIENCE_SECONDS / 4
