"""The port through which one reader gets a whole log in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class DurableMissing(Exception):
    """The durable consumer this process reads from does not exist."""

    def __init__(self, durable: str, stream: str) -> None:
        super().__init__(
            f"Durable {durable} of stream {stream} does not exist. Run `switchboard setup`, which "
            "makes what is missing; reading then goes on by itself."
        )


class FeedInterrupted(Exception):
    """What was delivered is not all there was: read on from the checkpoint."""


class DeliveredElsewhere(FeedInterrupted):
    """Part of the log went to another reader, or got lost."""


class Delivery(NamedTuple):
    """One message of a log as it was delivered. `receipt` is what the feed acknowledges it by."""

    sequence: int
    subject: str
    body: bytes
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive messages. `pending` more wait; the last was stored at `stored_at` (Unix time)."""

    deliveries: Sequence[Delivery]
    pending: int
    stored_at: float


@dataclass(frozen=True, slots=True)
class LogInfo:
    """What a log is like now. `incarnation` is its creation time: another one is another log."""

    incarnation: str
    last_sequence: int


class Standing(NamedTuple):
    """Where a message stands in a log."""

    subject: str
    sequence: int


class Feed(Protocol):
    """One log, delivered to one reader after the other."""

    async def log(self) -> LogInfo:
        """The log itself. Raises `StoreUnavailable`."""
        ...

    async def reset(self, sequence: int) -> None:
        """Deliver from this sequence on, whatever was delivered or acknowledged before.

        Raises `DurableMissing`, `StoreUnavailable`.
        """
        ...

    async def next_batch(self, seconds: float) -> Batch | None:
        """What comes next, complete and in order; None if nothing comes for so long.

        Raises `FeedInterrupted`, `DurableMissing`, `StoreUnavailable`.
        """
        ...

    async def ack(self, batch: Batch) -> None:
        """Everything up to the end of this batch has been stored."""
        ...

    async def find(self, patterns: Sequence[str]) -> list[Standing]:
        """Where the newest message of each matching subject stands. Raises `StoreUnavailable`."""
        ...

    async def close(self) -> None:
        """Want no more."""
        ...
