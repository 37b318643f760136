"""A log in memory and its feed: deliveries in batches of any size, repeated or lost on demand."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from chassis.event_store import Aggregate
from chassis.feed import Batch, DeliveredElsewhere, Delivery, LogInfo, Standing
from chassis.jetstream.subject_patterns import covers
from schemas.envelope import Envelope
from schemas.event import Event


class MemoryFeed:
    """`Feed` over a log that a test writes."""

    def __init__(self, incarnation: str = "first", batch_size: int = 500) -> None:
        self.incarnation = incarnation
        self.batch_size = batch_size
        self.acknowledged = 0
        self.resets: list[int] = []
        self._log: dict[int, Delivery] = {}
        self._end = 0
        self._delivered = 0
        self._trouble: list[Exception] = []
        self._changed = asyncio.Event()

    def append(self, *envelopes: Envelope) -> int:
        """Write events to the log. Answers the sequence of the last."""
        for envelope in envelopes:
            self.append_raw(subject_of(envelope), envelope.model_dump_json().encode())
        return self._end

    def append_raw(self, subject: str, body: bytes) -> int:
        """Write anything to the log."""
        self._end += 1
        self._log[self._end] = Delivery(self._end, subject, body)
        self._changed.set()
        return self._end

    def lose(self, *sequences: int) -> None:
        """Drop messages as a broken disk or an erasure does."""
        for sequence in sequences:
            del self._log[sequence]

    def redeliver_from(self, sequence: int) -> None:
        """Deliver once more what was delivered already."""
        self._delivered = sequence - 1
        self._changed.set()

    def fail_with(self, error: Exception) -> None:
        """Raise this instead of the next batch."""
        self._trouble.append(error)
        self._changed.set()

    def overlook(self, count: int) -> None:
        """Never deliver the next messages."""
        self._delivered += count

    def skip(self, count: int) -> None:
        """Give the next messages to another reader, and let this one notice."""
        self.overlook(count)
        self.fail_with(DeliveredElsewhere(f"{count} messages went elsewhere."))

    async def log(self) -> LogInfo:
        """The log itself."""
        return LogInfo(self.incarnation, self._end)

    async def reset(self, sequence: int) -> None:
        """Deliver from this sequence on."""
        self.resets.append(sequence)
        self._delivered = sequence - 1

    async def next_batch(self, seconds: float) -> Batch | None:
        """What comes next; None if nothing comes for so long."""
        waiting = self._waiting()
        if not waiting and not self._trouble:
            await self._wait(seconds)
            waiting = self._waiting()
        if self._trouble:
            raise self._trouble.pop(0)
        deliveries = list(islice(waiting, self.batch_size))
        if not deliveries:
            return None
        self._delivered = deliveries[-1].sequence
        return Batch(deliveries, len(waiting) - len(deliveries), stored_at=0.0)

    async def ack(self, batch: Batch) -> None:
        """Remember how far the reader has come."""
        self.acknowledged = batch.deliveries[-1].sequence

    async def find(self, patterns: Sequence[str]) -> list[Standing]:
        """Where the newest message of each matching subject stands."""
        newest = {d.subject: sequence for sequence, d in self._log.items()}
        return [
            Standing(subject, sequence)
            for subject, sequence in newest.items()
            if any(covers(pattern, subject) for pattern in patterns)
        ]

    async def close(self) -> None:
        """Want no more."""

    def _waiting(self) -> list[Delivery]:
        return [d for sequence, d in self._log.items() if sequence > self._delivered]

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return


def subject_of(envelope: Envelope) -> str:
    """The subject an event is stored on."""
    service = envelope.source.rpartition("/")[2]
    kind, _, key = envelope.subject.partition("/")
    aggregate = Aggregate(service, envelope.organization, kind, key)
    return aggregate.subject(envelope.version, Event.catalog[envelope.type])
