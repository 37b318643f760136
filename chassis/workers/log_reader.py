"""Reads a log for a projector: one batch ahead, checked for gaps, parsed as far as wanted."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chassis.event_store import Recorded
from chassis.feed import Batch, Feed
from chassis.reading import EventFilter, read
from chassis.workers.continuity import Continuity
from schemas.event import Event

IDLE_SECONDS = 0.5
_EVENTS = "evt."


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the log: `recorded` are the wanted ones among `events` events up to `end`."""

    batch: Batch
    end: int
    events: int
    recorded: Sequence[Recorded]


class LogReader:
    """Gives passages in order. The next one is read while the one before is written."""

    def __init__(self, feed: Feed, wanted: Iterable[type[Event]]) -> None:
        self._feed = feed
        self._filter = EventFilter(wanted)
        self._continuity = Continuity(feed)
        self._read_to = 0
        self._ahead: asyncio.Task[Passage | None] | None = None

    async def begin(self, after: int) -> None:
        """Read on after this sequence. Raises `DurableMissing`, `StoreUnavailable`."""
        await self.close()
        self._continuity.forget(after)
        self._read_to = after
        await self._feed.reset(after + 1)

    async def next(self) -> Passage | None:
        """The next passage, None if nothing new was written for a moment.

        Raises `BrokenHistory`, `UnknownEvent`, `Unreadable` for what must not be projected, and
        whatever the feed raises.
        """
        passage = await (self._ahead or self._start())
        self._start()
        return passage

    async def close(self) -> None:
        """Want no more."""
        ahead, self._ahead = self._ahead, None
        if ahead:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        await self._feed.close()

    def _start(self) -> "asyncio.Task[Passage | None]":
        self._ahead = asyncio.create_task(self._read())
        return self._ahead

    async def _read(self) -> Passage | None:
        batch = await self._feed.next_batch(IDLE_SECONDS)
        if batch is None:
            return None
        fresh = [d for d in batch.deliveries if d.sequence > self._read_to]
        events = [d for d in fresh if d.subject.startswith(_EVENTS)]
        standing = await self._continuity.follow(events)
        wanted = [d for d in standing if self._filter.wants(d.subject)]
        recorded = [read(d.subject, d.sequence, d.body) for d in wanted]
        self._read_to = max(self._read_to, batch.deliveries[-1].sequence)
        return Passage(batch, self._read_to, len(events), recorded)
