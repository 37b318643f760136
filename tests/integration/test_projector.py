"""The projector on a real log: kept in order through kills, losses, a second reader and a wipe."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from prometheus_client import CollectorRegistry

from chassis.feed import Batch, Feed
from chassis.jetstream import setup
from chassis.jetstream.jetstream_feed import JetStreamFeed
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.pulls import EXPIRES_SECONDS
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import subject_of
from chassis.testing.lossy_proxy import LossyProxy
from chassis.testing.nats_server import RunningNats
from chassis.testing.note_views import PAGES, SHELVES, NoteBook, Shelf, note_projections
from chassis.workers.projector import Projector
from schemas.envelope import Envelope

pytest_plugins = ["chassis.testing.nats_fixtures"]

SERVICE = "provisioning"
STREAM = "PROVISIONING"
DURABLE = "provisioning-projector-provisioning"


class DeafFeed(JetStreamFeed):
    """A reader that is killed between its write and its acknowledgement, every time."""

    async def ack(self, batch: Batch) -> None:
        """Never arrives."""


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.continuity.PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("chassis.workers.projector.STAND_BY_SECONDS", 0.2)
    await nats.wipe()


@pytest.fixture
async def nc(nats: RunningNats) -> AsyncIterator[Connection]:
    async with nats.connected(SERVICE) as connection:
        yield connection


@pytest.fixture
async def read_models(tmp_path: Path) -> AsyncIterator[SqliteReadModelStore]:
    async with opened(tmp_path / "read-models.db") as store:
        yield store


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteReadModelStore]:
    store = SqliteReadModelStore(SqliteDatabase(path))
    await store.open(PAGES, SHELVES)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def projecting(feed: Feed, read_models: SqliteReadModelStore) -> AsyncIterator[Projector]:
    metrics = WorkerMetrics(CollectorRegistry())
    projector = Projector(SERVICE, STREAM, note_projections, read_models, feed, metrics)
    running = asyncio.create_task(projector.run())
    try:
        yield projector
    finally:
        projector.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


def feed_of(nc: Client) -> JetStreamFeed:
    return JetStreamFeed(nc, STREAM, DURABLE)


async def publish(nc: Client, envelopes: Sequence[Envelope]) -> int:
    """Append events to the log, in order. Answers the sequence of the last."""
    *others, last = envelopes
    for envelope in others:
        await nc.publish(subject_of(envelope), envelope.model_dump_json().encode())
    answer = await nc.request(
        subject_of(last), last.model_dump_json().encode(), timeout=PATIENCE_SECONDS
    )
    return int(json.loads(answer.data)["seq"])


def lines(book: NoteBook, count: int, first: int = 0) -> list[Envelope]:
    return [book.write("acme", f"note-{n % 7}", str(n)) for n in range(first, first + count)]


def shelf(count: int) -> Shelf:
    return Shelf(tuple(map(str, range(count))))


async def reached(read_models: SqliteReadModelStore, sequence: int) -> None:
    async def there() -> bool:
        checkpoint = await read_models.checkpoint(SERVICE, STREAM)
        return checkpoint is not None and checkpoint.sequence >= sequence

    await eventually(there)


async def failed(projector: Projector) -> str:
    await eventually(projector.check)
    return str(projector.failure)


def forget(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        content = list(database.iterdump())
    database.close()
    return sorted(content)


async def test_events_are_applied_in_the_order_of_the_log(
    nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    end = await publish(nc, lines(book, 1200))
    async with projecting(feed_of(nc), read_models):
        await reached(read_models, end)
        await reached(read_models, await publish(nc, lines(book, 3, 1200)))
    assert await read_models.get(SHELVES, "acme", "all") == shelf(1203)


async def test_what_was_applied_is_acknowledged(
    nc: Connection, read_models: SqliteReadModelStore
) -> None:
    end = await publish(nc, lines(NoteBook(), 20))
    async with projecting(feed_of(nc), read_models):
        await reached(read_models, end)

        async def acknowledged() -> bool:
            info = await nc.jetstream(prefix="JSP").consumer_info(STREAM, DURABLE)
            return bool(info.ack_floor and info.ack_floor.stream_seq == end)

        await eventually(acknowledged)


async def test_a_kill_between_write_and_acknowledgement_changes_nothing(
    nats: RunningNats, nc: Connection, tmp_path: Path
) -> None:
    book = NoteBook()
    path = tmp_path / "killed.db"
    for round_ in range(3):
        end = await publish(nc, lines(book, 50, round_ * 50))
        victim = await nats.connect(SERVICE)
        async with opened(path) as store:
            running = projecting(DeafFeed(victim, STREAM, DURABLE), store)
            await running.__aenter__()
            await reached(store, end)
            await victim.close()
            await running.__aexit__(None, None, None)
    async with opened(path) as store:
        assert await store.get(SHELVES, "acme", "all") == shelf(150)


async def test_deleted_read_models_are_rebuilt_to_the_byte(nc: Connection, tmp_path: Path) -> None:
    path = tmp_path / "lost.db"
    book = NoteBook()
    end = await publish(nc, [*lines(book, 700), book.erase("acme", "note-3")])
    async with opened(path) as store, projecting(feed_of(nc), store):
        await reached(store, end)
    before = dump(path)
    forget(path)
    async with opened(path) as store, projecting(feed_of(nc), store):
        await reached(store, end)
    assert dump(path) == before


async def test_a_wiped_log_is_refused_and_the_documents_stay(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore
) -> None:
    end = await publish(nc, lines(NoteBook(), 5))
    async with projecting(feed_of(nc), read_models) as projector:
        await reached(read_models, end)
        await nats.wipe()
        await publish(nc, lines(NoteBook(), 9))
        assert "Restore the log with `switchboard archive import`" in await told(
            projector, "created at"
        )
    async with projecting(feed_of(nc), read_models) as projector:
        assert "created at" in await failed(projector)
    assert await read_models.get(SHELVES, "acme", "all") == shelf(5)


async def told(projector: Projector, part: str) -> str:
    async def says() -> bool:
        return part in (projector.failure or "")

    await eventually(says)
    return str(projector.failure)


async def test_a_deleted_durable_is_reported_and_read_again_after_setup(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    async with projecting(feed_of(nc), read_models) as projector, nats.connected("setup") as admin:
        await reached(read_models, await publish(nc, lines(book, 5)))
        await admin.jetstream().delete_consumer(STREAM, DURABLE)
        assert "switchboard setup" in await told(projector, "does not exist")
        requests = nc.stats["out_msgs"]
        await asyncio.sleep(1)
        assert nc.stats["out_msgs"] - requests < 20
        await setup.apply(admin, nats.topology)
        await reached(read_models, await publish(nc, lines(book, 5, 5)))
        assert projector.failure is None
    assert await read_models.get(SHELVES, "acme", "all") == shelf(10)


@pytest.mark.parametrize("lost", [1, 30])
async def test_an_event_deleted_from_the_log_is_noticed(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore, lost: int
) -> None:
    await publish(nc, lines(NoteBook(), 60))
    async with nats.connected("setup") as admin:
        await admin.jetstream().delete_msg(STREAM, lost)
    async with projecting(feed_of(nc), read_models) as projector:
        assert "The log lacks version" in await failed(projector)
    assert await read_models.checkpoint(SERVICE, STREAM) is None


async def test_events_erased_with_their_note_are_not_missed(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    end = await publish(nc, [*lines(book, 14), book.erase("acme", "note-0")])
    async with nats.connected("setup") as admin:
        for sequence in (1, 8):
            await admin.jetstream().delete_msg(STREAM, sequence)
    async with projecting(feed_of(nc), read_models):
        await reached(read_models, end)
    assert await read_models.get(PAGES, "acme", "note-0") is None


async def test_claims_between_the_events_are_stepped_over(
    nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    for number in range(20):
        await nc.publish(f"claim.provisioning.acme.title.{number}", b"{}")
        end = await publish(nc, lines(book, 1, number))
    async with projecting(feed_of(nc), read_models):
        await reached(read_models, end)
    assert await read_models.get(SHELVES, "acme", "all") == shelf(20)


@pytest.mark.parametrize("wanted", [1, 3])
async def test_events_that_were_delivered_elsewhere_are_noticed_and_read(
    nc: Connection, read_models: SqliteReadModelStore, wanted: int
) -> None:
    book = NoteBook()
    stolen: list[Msg] = []

    async def steal(message: Msg) -> None:
        stolen.append(message)

    async with projecting(feed_of(nc), read_models):
        await reached(read_models, await publish(nc, lines(book, 1)))
        inbox = nc.new_inbox()
        await nc.subscribe(inbox, cb=steal)
        pull = f"JSP.CONSUMER.MSG.NEXT.{STREAM}.{DURABLE}"
        await nc.publish(pull, json.dumps({"batch": wanted}).encode(), reply=inbox)
        count = 1
        while len(stolen) < wanted:
            await publish(nc, lines(book, 1, count))
            count += 1
        # The last one may be among the stolen: then only the broker's heartbeat tells.
        await reached(read_models, count)
    assert await read_models.get(SHELVES, "acme", "all") == shelf(count)


async def test_a_halted_projector_takes_nothing_away_from_others(
    nc: Connection, read_models: SqliteReadModelStore
) -> None:
    await nc.publish("evt.provisioning.acme.note.a.1.NoteFolded", b"{}")
    async with projecting(feed_of(nc), read_models) as projector:
        await failed(projector)

        async def nobody_pulls() -> bool:
            info = await nc.jetstream(prefix="JSP").consumer_info(STREAM, DURABLE)
            return bool(info.num_waiting == 0)

        # Left alone, a pull of a reader that is gone would count for longer.
        await eventually(nobody_pulls, 0.75 * EXPIRES_SECONDS)


async def test_two_readers_of_one_log_lose_and_repeat_nothing(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    end = await publish(nc, lines(book, 3000))
    async with (
        nats.connected(SERVICE) as other,
        projecting(feed_of(nc), read_models),
        projecting(feed_of(other), read_models),
    ):
        await reached(read_models, end)
        for number in range(3000, 3100):
            await publish(nc, lines(book, 1, number))
        await reached(read_models, end + 100)
    assert await read_models.get(SHELVES, "acme", "all") == shelf(3100)


async def test_a_reconnect_is_noticed_without_waiting_for_heartbeats(
    nats: RunningNats,
    nc: Connection,
    read_models: SqliteReadModelStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chassis.jetstream.pulls.SILENCE_SECONDS", 60)
    book = NoteBook()
    async with LossyProxy(nats.url).running() as proxy:
        detour = await connect(proxy.url, SERVICE, nats.server.seed(SERVICE))
        async with projecting(feed_of(detour), read_models):
            await reached(read_models, await publish(nc, lines(book, 1)))
            await proxy.cut()
            await proxy.mend()
            await reached(read_models, await publish(nc, lines(book, 1, 1)))
        await detour.close()


async def test_reading_goes_on_after_the_connection_was_cut_in_the_middle(
    nats: RunningNats, nc: Connection, read_models: SqliteReadModelStore
) -> None:
    book = NoteBook()
    async with LossyProxy(nats.url).running() as proxy:
        detour = await connect(proxy.url, SERVICE, nats.server.seed(SERVICE))
        async with projecting(feed_of(detour), read_models):
            for round_ in range(3):
                end = await publish(nc, lines(book, 700, round_ * 700))
                await asyncio.sleep(0.05)
                await proxy.cut()
                await asyncio.sleep(0.1)
                await proxy.mend()
            await reached(read_models, end)
        with suppress(OSError):
            await detour.close()
    assert await read_models.get(SHELVES, "acme", "all") == shelf(2100)
