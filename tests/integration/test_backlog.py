"""What is put off keeps nothing else waiting, up to a limit that everybody can see coming."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from chassis.event_store import Aggregate, History, Recorded
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.topology import Topology
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import RetryLater
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import subject_of
from chassis.testing.nats_server import RunningNats, running_nats
from chassis.testing.notes import change
from chassis.workers.react import Reactor
from schemas.notifier import NotificationPlanned
from tests.unit.notifier.test_projections import planned

pytest_plugins = ["chassis.testing.nats_fixtures"]

ROOM = 5
PLANNED_AT = datetime(2025, 11, 21, 12, tzinfo=UTC)


def with_room_for(most: int) -> Topology:
    content = Topology.load().model_dump(exclude_unset=True)
    reactions = content["reactions"] | {"max_ack_pending": most}
    return Topology.model_validate(content | {"reactions": reactions})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNats]:
    """A broker with room for five events that are put off."""
    folder = tmp_path_factory.mktemp("nats")
    async with running_nats(folder, with_room_for(ROOM)) as server:
        yield server


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.react.WATCH_SECONDS", 0.1)
    await nats.wipe()


@dataclass
class MailServer:
    """Puts every mail off as long as it is away, and can be slow."""

    away: bool = False
    seconds: float = 0.0
    pause: float = 3600.0
    done: list[str] = field(default_factory=list)
    at_work: int = 0
    most_at_work: int = 0

    async def __call__(self, recorded: Recorded) -> None:
        """React."""
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(self.seconds)
        self.at_work -= 1
        if self.away:
            raise RetryLater("away", self.pause)
        self.done.append(recorded.envelope.subject.rpartition("/")[2])


@dataclass
class Worker:
    """A reactor, and what it shows."""

    registry: CollectorRegistry

    def shown(self, name: str) -> float | None:
        labels = {"service": "notifier", "stream": "NOTIFIER"}
        return self.registry.get_sample_value(f"switchboard_reactions_{name}", labels)

    async def shows(self, **expected: float) -> None:
        async def so() -> bool:
            return {name: self.shown(name) for name in expected} == expected

        await eventually(so)


@asynccontextmanager
async def working(nc: Connection, server: MailServer, at_once: int = 1) -> AsyncIterator[Worker]:
    registry = CollectorRegistry()
    reactor = Reactor(
        nc,
        "notifier",
        "NOTIFIER",
        {NotificationPlanned: server},
        WorkerMetrics(registry),
        at_once=at_once,
        clock=lambda: PLANNED_AT.replace(hour=13),
    )
    running = asyncio.create_task(reactor.run())
    try:
        yield Worker(registry)
    finally:
        reactor.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def plan(nc: Connection, *names: str) -> None:
    for name in names:
        event = planned.model_copy(update={"notification_id": name})
        history = History(Aggregate("notifier", "acme", "notification", name))
        envelope = change(history, event).envelopes[0]
        made = envelope.model_copy(update={"id": name, "time": PLANNED_AT})
        await nc.request(
            subject_of(made), made.model_dump_json().encode(), timeout=PATIENCE_SECONDS
        )


async def finished(server: MailServer, number: int) -> None:
    async def so_many() -> bool:
        return len(server.done) >= number

    await eventually(so_many)


async def test_with_room_left_a_new_mail_does_not_wait_for_those_put_off(
    clients: dict[str, Connection],
) -> None:
    nc, server = clients["notifier"], MailServer(away=True)
    async with working(nc, server) as worker:
        await plan(nc, *(f"n{number}" for number in range(ROOM - 1)))
        await worker.shows(put_off=ROOM - 1, waiting=ROOM - 1, room=1)
        server.away = False
        await plan(nc, "new")
        await finished(server, 1)
    assert server.done == ["new"]


async def test_where_room_runs_out_the_figures_say_so_and_nothing_is_lost(
    clients: dict[str, Connection],
) -> None:
    nc, server = clients["notifier"], MailServer(away=True, pause=2.0)
    async with working(nc, server) as worker:
        await plan(nc, *(f"n{number}" for number in range(ROOM + 3)))
        await worker.shows(room=0, put_off=ROOM, waiting=ROOM + 3, oldest_seconds=3600)
        server.away = False
        await finished(server, ROOM + 3)
        await worker.shows(room=ROOM, put_off=0, waiting=0, oldest_seconds=0)
    assert len(set(server.done)) == ROOM + 3


async def test_after_a_restart_and_in_a_second_worker_the_figures_are_the_same(
    clients: dict[str, Connection],
) -> None:
    nc, server = clients["notifier"], MailServer(away=True)
    expected = {"put_off": 2.0, "waiting": 2.0, "room": ROOM - 2.0, "oldest_seconds": 3600.0}
    async with working(nc, server) as worker:
        await plan(nc, "n1", "n2")
        await worker.shows(**expected)
    async with working(nc, server) as one, working(nc, server) as other:
        await one.shows(**expected)
        await other.shows(**expected)


async def test_as_many_run_at_once_as_asked_for_and_no_more(clients: dict[str, Connection]) -> None:
    nc, server = clients["notifier"], MailServer(seconds=0.2)
    async with working(nc, server, at_once=3):
        await plan(nc, *(f"n{number}" for number in range(9)))
        await finished(server, 9)
    assert server.most_at_work == 3
    assert len(set(server.done)) == 9
