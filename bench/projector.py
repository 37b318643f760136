"""A projector beside bare overlapped pulls that write the same documents."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from pymongo import MongoClient

from bench.bare.mongo_documents import MongoDocuments
from bench.bare.projector import Database, project
from bench.bare.sqlite_documents import SqliteDocuments
from bench.fairness import same_documents
from bench.filling import fill
from bench.measuring import Bench, Line, in_turns
from bench.mongo import mongo_databases
from bench.softphones import SOFTPHONES, histories, projection
from chassis.cause import new_id
from chassis.jetstream.jetstream_feed import JetStreamFeed
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.read_models import ReadModelStore
from chassis.stores.mongo_client import MongoDatabase
from chassis.stores.mongo_read_models import MongoReadModelStore
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from chassis.testing.nats_server import RunningNats, running_nats
from chassis.workers.projector import Projector

LEAST_RATIO = 0.6
SERVICE, STREAM, DURABLE = "provisioning", "PROVISIONING", "provisioning-projector-provisioning"
EVENTS_EACH = 4
PATIENCE_SECONDS = 120
TABLE = "softphones_v1.1"


class ProjectorFailed(Exception):
    """The projector stopped. The text is its own."""


@dataclass(frozen=True)
class Log:
    """A log of so many events, and what it is called."""

    nats: RunningNats
    events: int
    incarnation: str


async def measure(bench: Bench) -> list[Line]:
    """Events per second into SQLite."""
    number = iter(range(1000))
    folder = bench.folder / "projector"

    async def ours(log: Log) -> float:
        store = SqliteReadModelStore(SqliteDatabase(folder / f"ours-{next(number)}"))
        return await _project(log, store)

    async def bare(log: Log) -> float:
        definition = _definition(folder / "ours-0")
        path = folder / f"bare-{next(number)}"
        return await _bare(log, SqliteDocuments(path, definition, log.incarnation))

    async with _log(bench, "projector", 5_000 if bench.quick else 20_000) as log:
        await ours(log)
        await bare(log)
        same_documents(_rows(folder / "ours-0"), _rows(folder / "bare-1"))
        rounds = 3 if bench.quick else 8
        what = "projector, SQLite"
        rates = await in_turns(
            lambda: ours(log), lambda: bare(log), rounds, lambda n: bench.report(what, n, rounds)
        )
    return [_line(what, rates.ours, rates.bare, rates.ratio)]


async def measure_mongo(bench: Bench) -> list[Line]:
    """Events per second into a server that speaks MongoDB's protocol."""
    with mongo_databases() as databases:
        url = databases.url

        async def ours(log: Log, name: str | None = None) -> float:
            database = MongoDatabase(url, name or databases.new("ours"), driver="motor")
            return await _project(log, MongoReadModelStore(database))

        async def bare(log: Log, name: str | None = None) -> float:
            database = MongoDocuments(url, name or databases.new("bare"), log.incarnation)
            await database.open()
            return await _bare(log, database)

        async with _log(bench, "projector-mongo", 2_000 if bench.quick else 6_000) as log:
            first, second = databases.new("ours"), databases.new("bare")
            await ours(log, first)
            await bare(log, second)
            same_documents(_trees(url, first), _trees(url, second))
            rounds, what = 3 if bench.quick else 6, "projector, MongoDB protocol"
            rates = await in_turns(
                lambda: ours(log),
                lambda: bare(log),
                rounds,
                lambda n: bench.report(what, n, rounds),
            )
    return [_line(what, rates.ours, rates.bare, rates.ratio)]


def _line(what: str, ours: float, bare: float, ratio: float) -> Line:
    return Line(
        what=what, unit="events/s", ours=ours, bare=bare, ratio=ratio, least_ratio=LEAST_RATIO
    )


@asynccontextmanager
async def _log(bench: Bench, name: str, events: int) -> AsyncIterator[Log]:
    devices = [new_id() for _ in range(events // EVENTS_EACH)]
    async with running_nats(bench.folder / name) as nats:
        async with nats.connected("setup") as admin:
            told = f"{name}: filling the log"
            await fill(
                admin, histories(devices, EVENTS_EACH), lambda n: bench.report(told, n, events)
            )
        async with nats.connected(SERVICE) as nc:
            info = await JetStreamFeed(nc, STREAM, DURABLE).log()
        yield Log(nats, events, info.incarnation)


async def _project(log: Log, store: ReadModelStore) -> float:
    await store.open(SOFTPHONES)
    registry = CollectorRegistry()
    reached = asyncio.Event()
    labels = {"service": SERVICE, "stream": STREAM}

    def beat() -> None:
        done = registry.get_sample_value("switchboard_projected_events_total", labels) or 0
        if projector.failure or done >= log.events:
            reached.set()

    async with log.nats.connected(SERVICE) as nc:
        feed, metrics = JetStreamFeed(nc, STREAM, DURABLE), WorkerMetrics(registry)
        projector = Projector(SERVICE, STREAM, [projection], store, feed, metrics, beat=beat)
        began = time.perf_counter()
        running = asyncio.create_task(projector.run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reached.wait()
        seconds = time.perf_counter() - began
        if projector.failure:
            raise ProjectorFailed(projector.failure)
        projector.stop()
        await running
    await store.close()
    return log.events / seconds


async def _bare(log: Log, database: Any) -> float:
    writes: Database = database
    async with log.nats.connected(SERVICE) as nc:
        began = time.perf_counter()
        await project(nc, DURABLE, log.events, writes)
        seconds = time.perf_counter() - began
    database.close()
    return log.events / seconds


def _definition(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        found = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return [statement for (statement,) in found]


def _rows(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as database:
        documents = database.execute(f'SELECT * FROM "{TABLE}" ORDER BY key').fetchall()  # noqa: S608 - our own name
        return documents + database.execute("SELECT * FROM checkpoint").fetchall()


def _trees(url: str, database: str) -> list[dict[str, Any]]:
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    with client:
        return list(client[database][TABLE].find({}, sort=[("_id", 1)]))
