"""Reads events for an operator: filtered, in the order of each log."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from chassis.event_store import Recorded
from chassis.feed import Batch
from chassis.jetstream.passing_feed import PassingFeed
from chassis.reading import read
from switchboard.operations.filters import Filter
from switchboard.operations.operator import Operator

IDLE_SECONDS = 1.0
CLOCKS_DIFFER = timedelta(minutes=5)

Told = Callable[[int, int], object]
"""Told how many messages were read, and how many wait."""


async def events(
    operator: Operator, wanted: Filter, told: Told = lambda _read, _wait: None
) -> AsyncIterator[Recorded]:
    """Everything that matches and is stored now, one service after the other.

    Raises `StoreUnavailable`, `Unreadable`, `FeedInterrupted`.
    """
    done = 0
    for service in wanted.services(tuple(operator.topology.logging)):
        feed = await begun(operator, service, wanted)
        async for batch in batches(feed):
            done += len(batch.deliveries)
            told(done, batch.pending)
            over = False
            for recorded in _recorded(batch):
                over = over or wanted.over(recorded)
                if wanted.matches(recorded):
                    yield recorded
            if over:
                break
        await feed.close()


async def begun(operator: Operator, service: str, wanted: Filter) -> PassingFeed:
    """A feed of one service's events that may match, from where the first of them can stand."""
    feed = await operator.feed(operator.topology.stream_of(service), wanted.subject(service))
    if wanted.begin:
        # What happened at a moment is stored after it, by a clock that may be a little behind.
        await feed.begin_at(wanted.begin - CLOCKS_DIFFER)
    else:
        await feed.reset(1)
    return feed


async def batches(feed: PassingFeed) -> AsyncIterator[Batch]:
    """Until nothing waits any more."""
    while batch := await feed.next_batch(IDLE_SECONDS):
        yield batch
        if not batch.pending:
            return


def _recorded(batch: Batch) -> list[Recorded]:
    return [read(one.subject, one.sequence, one.body) for one in batch.deliveries]
