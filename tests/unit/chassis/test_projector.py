"""The projector: order, redelivery, lost read models, and what it refuses to go on with."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from chassis.event_store import StoreUnavailable
from chassis.feed import DurableMissing
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.read_models import Checkpoint, ReadModelStore, Stale, Write
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import MemoryFeed
from chassis.testing.note_views import (
    PAGES,
    SHELVES,
    NoteBook,
    NotePage,
    Shelf,
    note_projections,
    shown,
)
from chassis.testing.read_models import MemoryReadModelStore
from chassis.workers.projector import Projector

STREAM = "PROVISIONING"
SERVICE = "provisioning"


class Contended(MemoryReadModelStore):
    """A store in which somebody else writes first, so many times."""

    losses = 0

    async def apply(self, writes: Sequence[Write[Any]], checkpoint: Checkpoint) -> None:
        """Raises `Stale`."""
        if self.losses:
            self.losses -= 1
            raise Stale("somebody else was faster")
        await super().apply(writes, checkpoint)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.projector.HALT_BEAT_SECONDS", 0.02)
    monkeypatch.setattr("chassis.workers.log_reader.IDLE_SECONDS", 0.02)
    monkeypatch.setattr("chassis.workers.projector.STAND_BY_SECONDS", 0.02)
    monkeypatch.setattr("chassis.workers.continuity.PAUSE_SECONDS", 0.01)


@pytest.fixture
async def read_models() -> Contended:
    store = Contended()
    await store.open(PAGES, SHELVES)
    return store


@pytest.fixture
def feed() -> MemoryFeed:
    return MemoryFeed()


@pytest.fixture
def book() -> NoteBook:
    return NoteBook()


@asynccontextmanager
async def projecting(feed: MemoryFeed, read_models: ReadModelStore) -> AsyncIterator[Projector]:
    metrics = WorkerMetrics(CollectorRegistry())
    projector = Projector(SERVICE, STREAM, note_projections, read_models, feed, metrics)
    running = asyncio.create_task(projector.run())
    try:
        yield projector
    finally:
        projector.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def position(read_models: ReadModelStore) -> int:
    checkpoint = await read_models.checkpoint(SERVICE, STREAM)
    return checkpoint.sequence if checkpoint else 0


async def reached(read_models: ReadModelStore, sequence: int) -> None:
    async def there() -> bool:
        return await position(read_models) >= sequence

    await eventually(there)


async def failed(projector: Projector) -> str:
    await eventually(projector.check)
    return str(projector.failure)


async def recovered(projector: Projector) -> None:
    async def well() -> bool:
        return projector.failure is None

    await eventually(well)


async def test_documents_and_checkpoint_follow_the_log_and_are_then_acknowledged(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        end = feed.append(book.write("acme", "a", "one"), book.write("acme", "b", "two"))
        await reached(read_models, end)
        feed.append(book.write("acme", "a", "three"))
        await reached(read_models, end + 1)
    assert await shown(read_models, "acme", "a", "b") == {
        "a": NotePage(("one", "three"), 2),
        "b": NotePage(("two",), 1),
        "shelf": Shelf(("one", "two", "three")),
    }
    assert feed.acknowledged == end + 1


async def test_nothing_is_acknowledged_before_it_is_written(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    read_models.losses = 10**9
    async with projecting(feed, read_models):
        feed.append(book.write("acme", "a", "one"))
        await asyncio.sleep(0.2)
    assert (feed.acknowledged, await position(read_models)) == (0, 0)


async def test_a_lost_race_is_folded_again(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    read_models.losses = 3
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one",))}


async def test_redelivery_changes_nothing(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
        feed.redeliver_from(1)
        await reached(read_models, feed.append(book.write("acme", "a", "two")))
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one", "two"))}


async def test_a_restart_goes_on_after_the_checkpoint(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        end = feed.append(book.write("acme", "a", "one"))
        await reached(read_models, end)
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "two")))
    assert feed.resets == [1, end + 1]
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one", "two"))}


async def test_lost_read_models_are_rebuilt_from_the_first_event(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        end = feed.append(*(book.write("acme", "a", str(number)) for number in range(5)))
        await reached(read_models, end)
    emptied = MemoryReadModelStore()
    await emptied.open(PAGES, SHELVES)
    async with projecting(feed, emptied):
        await reached(emptied, end)
    assert await shown(emptied, "acme", "a") == await shown(read_models, "acme", "a")


async def test_another_incarnation_of_the_log_is_refused_and_nothing_is_changed(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
    wiped = MemoryFeed("second")
    wiped.append(NoteBook().write("acme", "a", "another"), NoteBook().write("acme", "b", "x"))
    async with projecting(wiped, read_models) as projector:
        told = await failed(projector)
    assert "created at second" in told
    assert "restore" in told.lower()
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one",))}


async def test_a_log_shorter_than_the_checkpoint_is_refused(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        end = feed.append(book.write("acme", "a", "one"), book.write("acme", "a", "two"))
        await reached(read_models, end)
    cut = MemoryFeed()
    cut.append(NoteBook().write("acme", "a", "one"))
    async with projecting(cut, read_models) as projector:
        assert "its end was lost" in await failed(projector)


async def test_a_missing_version_stops_the_projector_before_it(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    end = feed.append(book.write("acme", "a", "one"))
    lost = feed.append(book.write("acme", "a", "two"))
    feed.append(book.write("acme", "a", "three"))
    feed.lose(lost)
    feed.batch_size = 1
    async with projecting(feed, read_models) as projector:
        told = await failed(projector)
        assert await projector.check() == told
    assert "lacks version 2 of evt.provisioning.acme.note.a" in told
    assert await position(read_models) == end


async def test_a_version_that_stands_twice_in_the_log_stops_the_projector(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    feed.append(book.write("acme", "a", "one"), NoteBook().write("acme", "a", "forged"))
    async with projecting(feed, read_models) as projector:
        assert "holds version 1" in await failed(projector)
    assert await position(read_models) == 0


async def test_what_an_erasure_took_away_is_no_gap(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    first = feed.append(book.write("acme", "a", "one"))
    second = feed.append(book.write("acme", "a", "two"))
    feed.append(book.write("acme", "b", "other"))
    feed.append(book.write("acme", "a", "three"))
    end = feed.append(book.erase("acme", "a"))
    feed.lose(first, second)
    async with projecting(feed, read_models):
        await reached(read_models, end)
    assert await read_models.get(PAGES, "acme", "a") is None


async def test_what_is_half_erased_when_the_log_is_read_anew_counts_as_erased(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    gone = feed.append(book.write("acme", "a", "one"))
    feed.append(book.write("acme", "a", "two"), book.write("acme", "b", "other"))
    feed.append(book.write("acme", "a", "three"))
    end = feed.append(book.erase("acme", "a"))
    feed.lose(gone)
    async with projecting(feed, read_models):
        await reached(read_models, end)
    assert (await shown(read_models, "acme", "a"))["shelf"] == Shelf(("other",))


async def test_what_was_folded_before_its_erasure_began_is_folded_to_its_end(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        gone = feed.append(book.write("acme", "a", "one"))
        await reached(read_models, gone)
    feed.append(book.write("acme", "a", "two"))
    end = feed.append(book.erase("acme", "a"))
    feed.lose(gone)
    async with projecting(feed, read_models):
        await reached(read_models, end)
    assert (await shown(read_models, "acme", "a"))["shelf"] == Shelf(("one", "two"))


async def test_a_gap_after_the_erasure_is_a_gap(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    feed.append(book.erase("acme", "a"))
    lost = feed.append(book.write("acme", "a", "two"))
    feed.append(book.write("acme", "a", "three"))
    feed.lose(lost)
    async with projecting(feed, read_models) as projector:
        assert "lacks version 2" in await failed(projector)


async def test_an_aggregate_known_from_before_the_restart_is_checked_in_the_log(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        end = feed.append(book.write("acme", "a", "one"))
        await reached(read_models, end)
    feed.lose(end)
    feed.append(book.write("acme", "a", "two"))
    async with projecting(feed, read_models) as projector:
        assert "lacks version 1" in await failed(projector)


async def test_an_event_that_was_never_delivered_is_not_passed_over(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models) as projector:
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
        feed.overlook(1)
        feed.append(book.write("acme", "a", "two"), book.write("acme", "a", "three"))
        assert "lacks version 2" in await failed(projector)


async def test_a_document_changed_by_another_projector_is_loaded_again(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
        theirs = Write(
            SHELVES,
            "acme",
            "all",
            Shelf(("one", "theirs")),
            before={STREAM: 1},
            after={STREAM: 1, "ACTIVATION": 5},
        )
        await read_models.apply([theirs], Checkpoint(SERVICE, "ACTIVATION", "first", 5))
        await reached(read_models, feed.append(book.write("acme", "a", "two")))
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one", "theirs", "two"))}


async def test_an_unknown_event_stops_the_projector_and_names_the_remedy(
    feed: MemoryFeed, read_models: Contended
) -> None:
    feed.append_raw("evt.provisioning.acme.note.a.1.NoteFolded", b"{}")
    async with projecting(feed, read_models) as projector:
        assert "Deploy that release" in await failed(projector)
    assert await position(read_models) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "secret-text"}', b"\xff\xfe"])
async def test_an_unreadable_event_stops_the_projector_and_is_not_quoted(
    feed: MemoryFeed, read_models: Contended, body: bytes
) -> None:
    feed.append_raw("evt.provisioning.acme.note.a.1.NoteWritten", body)
    async with projecting(feed, read_models) as projector:
        told = await failed(projector)
    assert "evt.provisioning.acme.note.a.1.NoteWritten at 1 cannot be read" in told
    assert "secret-text" not in told


async def test_an_event_that_is_not_what_its_subject_says_stops_the_projector(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    body = book.write("acme", "a", "one").model_dump_json().encode()
    feed.append_raw("evt.provisioning.acme.note.a.1.NoteErased", body)
    async with projecting(feed, read_models) as projector:
        assert "another event than its subject says" in await failed(projector)


async def test_messages_that_are_no_events_only_move_the_checkpoint(
    feed: MemoryFeed, read_models: Contended
) -> None:
    end = feed.append_raw("claim.provisioning.acme.title.4f2c", b"not an event")
    async with projecting(feed, read_models):
        await reached(read_models, end)


@pytest.mark.parametrize("error", [DurableMissing("d", "S"), StoreUnavailable("no broker")])
async def test_trouble_that_passes_is_shown_and_then_forgotten(
    feed: MemoryFeed, read_models: Contended, book: NoteBook, error: Exception
) -> None:
    feed.fail_with(error)
    async with projecting(feed, read_models) as projector:
        assert await failed(projector) == str(error)
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
        await recovered(projector)


async def test_an_error_of_others_is_shown_by_its_kind_only(
    feed: MemoryFeed, read_models: Contended
) -> None:
    feed.fail_with(OSError("mongodb://user:password@host is away"))
    async with projecting(feed, read_models) as projector:
        assert await failed(projector) == "OSError, see the log of this process."


async def test_what_went_to_another_reader_is_read_once_that_one_is_silent(
    feed: MemoryFeed, read_models: Contended, book: NoteBook
) -> None:
    async with projecting(feed, read_models):
        await reached(read_models, feed.append(book.write("acme", "a", "one")))
        feed.skip(1)
        await reached(
            read_models, feed.append(book.write("acme", "a", "two"), book.write("acme", "a", "3"))
        )
    assert await shown(read_models, "acme") == {"shelf": Shelf(("one", "two", "3"))}


async def test_two_projectors_on_one_log_make_the_same_documents(
    read_models: Contended, book: NoteBook
) -> None:
    one, other = MemoryFeed(batch_size=3), MemoryFeed(batch_size=7)
    envelopes = [book.write("acme", "ab"[n % 2], str(n)) for n in range(100)]
    one.append(*envelopes)
    other.append(*envelopes)
    async with projecting(one, read_models), projecting(other, read_models):
        await reached(read_models, 100)
        await asyncio.sleep(0.1)
    assert await shown(read_models, "acme") == {"shelf": Shelf(tuple(str(n) for n in range(100)))}


async def test_the_loop_beats_even_when_it_has_halted(
    feed: MemoryFeed, read_models: Contended
) -> None:
    beats: list[None] = []
    feed.append_raw("evt.provisioning.acme.note.a.1.NoteFolded", b"{}")
    metrics = WorkerMetrics(CollectorRegistry())
    projector = Projector(
        SERVICE,
        STREAM,
        note_projections,
        read_models,
        feed,
        metrics,
        beat=lambda: beats.append(None),
    )
    running = asyncio.create_task(projector.run())
    await failed(projector)
    beats.clear()

    async def beating() -> bool:
        return len(beats) > 2

    await eventually(beating)
    projector.stop()
    await running
