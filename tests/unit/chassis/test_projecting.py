"""A service's projectors go over to another version, and no reader sees a step back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from chassis.observing.worker_metrics import WorkerMetrics
from chassis.read_models import Checkpoint, ReadModel, ReadModelStore
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import MemoryFeed
from chassis.testing.note_views import PAGES, SHELVES, NoteBook, Shelf, note_projections
from chassis.testing.read_models import MemoryReadModelStore
from chassis.workers.projecting import Projecting
from chassis.workers.projector import Projector

STREAM = SERVICE = "PROVISIONING"
MODELS = (PAGES, SHELVES)
ACME = "acme"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.projecting.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("chassis.workers.projecting.CATCH_UP_SECONDS", 0.3)
    monkeypatch.setattr("chassis.workers.log_reader.IDLE_SECONDS", 0.02)


@pytest.fixture
async def read_models() -> ReadModelStore:
    store = MemoryReadModelStore()
    await store.open(*MODELS)
    return store


@asynccontextmanager
async def projecting(feed: MemoryFeed, read_models: ReadModelStore) -> AsyncIterator[Projecting]:
    metrics = WorkerMetrics(CollectorRegistry())

    def projector_for(stream: str, version: ReadModelStore) -> Projector:
        return Projector(SERVICE, stream, note_projections, version, feed, metrics)

    worker = Projecting(SERVICE, read_models, MODELS, [STREAM], projector_for)
    await worker.begin()
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def reached(read_models: ReadModelStore, sequence: int) -> None:
    async def there() -> bool:
        found = await read_models.checkpoint(SERVICE, STREAM)
        return found is not None and found.sequence >= sequence

    await eventually(there)


async def live(read_models: ReadModelStore, version: int) -> None:
    async def there() -> bool:
        return (await read_models.versions()).live == version

    await eventually(there)


async def test_a_version_that_is_ready_takes_over_and_goes_on(read_models: ReadModelStore) -> None:
    feed, book = MemoryFeed(), NoteBook()
    last = feed.append(book.write(ACME, "a", "milk"))
    async with projecting(feed, read_models):
        await reached(read_models, last)
        await read_models.at(2).open(*MODELS)
        await read_models.plan(2, ready=True)
        await live(read_models, 2)
        assert (await read_models.checkpoint(SERVICE, STREAM)) is not None
        shelf = await read_models.get(SHELVES, ACME, "all")
        assert shelf == Shelf(("milk",))
        await reached(read_models, feed.append(book.write(ACME, "a", "bread")))
    assert (await read_models.versions()).planned is None


async def test_a_plan_that_is_not_ready_changes_nothing(read_models: ReadModelStore) -> None:
    feed, book = MemoryFeed(), NoteBook()
    async with projecting(feed, read_models):
        await read_models.at(2).open(*MODELS)
        await read_models.plan(2)
        await asyncio.sleep(0.1)
        await reached(read_models, feed.append(book.write(ACME, "a", "milk")))
        assert (await read_models.versions()).live == 1


async def test_a_version_that_cannot_catch_up_is_left_and_the_old_one_goes_on(
    read_models: ReadModelStore,
) -> None:
    feed, book = MemoryFeed(), NoteBook()
    last = feed.append(book.write(ACME, "a", "milk"))
    async with projecting(feed, read_models):
        await reached(read_models, last)
        other = read_models.at(2)
        await other.open(*MODELS)
        # Filled from another log: its projector stops.
        await other.apply([], Checkpoint(SERVICE, STREAM, "another", 1))
        await read_models.plan(2, ready=True)

        async def withdrawn() -> bool:
            return not (await read_models.versions()).ready

        await eventually(withdrawn)
        await reached(read_models, feed.append(book.write(ACME, "a", "bread")))
        assert (await read_models.versions()).live == 1


async def test_a_version_of_another_release_is_not_taken(read_models: ReadModelStore) -> None:
    feed, book = MemoryFeed(), NoteBook()
    async with projecting(feed, read_models):
        other = read_models.at(2)
        await other.open(ReadModel("other_v1", Shelf))
        log = await feed.log()
        await other.apply([], Checkpoint(SERVICE, STREAM, log.incarnation, 1))
        await read_models.plan(2, ready=True)

        async def withdrawn() -> bool:
            return not (await read_models.versions()).ready

        await eventually(withdrawn)
        await reached(read_models, feed.append(book.write(ACME, "a", "bread")))


async def test_a_swap_by_hand_is_followed(read_models: ReadModelStore) -> None:
    feed, book = MemoryFeed(), NoteBook()
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write(ACME, "a", "milk")))
        await read_models.at(2).open(*MODELS)
        await read_models.swap(2)
        await reached(read_models, feed.append(book.write(ACME, "a", "bread")))
