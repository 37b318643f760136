"""The port to the event log: load an aggregate, append with nobody having come between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol, runtime_checkable

from schemas.envelope import Envelope
from schemas.event import Event

INSTALLATION = "_"
"""Stands for the organization where something is unique over all organizations."""

MAX_BATCH = 1000
"""Messages in one atomic append: JetStream's own limit."""


class Conflict(Exception):
    """Somebody else appended in between, or this append had already succeeded: load again."""


class StoreUnavailable(Exception):
    """The log did not answer in time. Whether the append happened is not known: ask again."""


class BrokenHistory(Exception):
    """The log lacks an event, holds one twice or was replaced. Nothing may be built on it."""


class BatchTooLarge(ValueError):
    """One append holds no more than `MAX_BATCH` messages: split the command."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Names one aggregate: all its events stand under one subject prefix."""

    service: str
    organization: str
    kind: str
    id: str

    @property
    def prefix(self) -> str:
        """Subject of its events without version and type."""
        return f"evt.{self.service}.{self.organization}.{self.kind}.{self.id}"

    def subject(self, version: int, event: type[Event]) -> str:
        """Subject of one event."""
        return f"{self.prefix}.{version}.{event.short_name}"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one service's log. Outside it is an opaque text, valid on every service."""

    service: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.service}-{self.sequence}"

    @staticmethod
    def parse(text: str) -> "Position":
        """Read what `str()` wrote. Raises ValueError."""
        service, _, sequence = text.rpartition("-")
        if not service.isalpha() or not sequence.isdecimal():
            raise ValueError("A Switchboard-Position is passed on exactly as it was received.")
        return Position(service, int(sequence))


@dataclass(frozen=True)
class Recorded:
    """An event as it stands in the log."""

    envelope: Envelope
    position: Position

    @cached_property
    def event(self) -> Event:
        """The fact, in its newest shape."""
        return self.envelope.event()


@dataclass(frozen=True, slots=True)
class History:
    """All events of one aggregate, oldest first, and where the last of them stands (0: none)."""

    aggregate: Aggregate
    recorded: tuple[Recorded, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        """The facts alone."""
        return tuple(recorded.event for recorded in self.recorded)

    @property
    def version(self) -> int:
        """The version of the last event, 0 if there is none."""
        return self.recorded[-1].envelope.version if self.recorded else 0

    @property
    def sequence(self) -> int:
        """The log's sequence of the last event, 0 if there is none."""
        return self.recorded[-1].position.sequence if self.recorded else 0


@dataclass(frozen=True, slots=True)
class Change:
    """Events to append to one aggregate, provided it still is as `history` shows it."""

    history: History
    envelopes: Sequence[Envelope]


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that only one holder can have. `key` is a keyed hash: subjects hold no plain names."""

    service: str
    organization: str
    kind: str
    key: str

    @property
    def subject(self) -> str:
        """The subject on which the claim is taken and released."""
        return f"claim.{self.service}.{self.organization}.{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class ClaimState:
    """Who holds a claim (None: nobody) and where that was last said (0: never)."""

    claim: Claim
    holder: str | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A new holder (None: released), provided the claim still is as `state` shows it."""

    state: ClaimState
    holder: str | None


class ReadOnlyLog(Protocol):
    """The log of another service, for questions about the past."""

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        """As `EventStore.load`."""
        ...


@runtime_checkable
class EventStore(Protocol):
    """The log of one service. Its own aggregates only."""

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        """Histories in the order asked for, as of `until` if given.

        Raises `BrokenHistory` where a version is missing, `StoreUnavailable`.
        """
        ...

    async def claims(self, *claims: Claim) -> tuple[ClaimState, ...]:
        """The present state of each claim. Raises `StoreUnavailable`."""
        ...

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        """Append everything or nothing; answer where the last message stands.

        Raises `Conflict`, `StoreUnavailable`, `BatchTooLarge`.
        """
        ...

    async def last_position(self) -> Position:
        """The end of the log now. Raises `StoreUnavailable`."""
        ...

    async def incarnation(self) -> str:
        """When the log was created (RFC 3339): another time means another log.

        Raises `StoreUnavailable`.
        """
        ...


def check_append(changes: Sequence[Change], claims: Sequence[ClaimChange]) -> None:
    """What every store refuses to write: it would break a history. Raises `BatchTooLarge`."""
    size = len(claims) + sum(len(change.envelopes) for change in changes)
    if size > MAX_BATCH:
        raise BatchTooLarge(f"{size} messages, but {MAX_BATCH} are stored at once: split them.")
    if len({change.history.aggregate for change in changes}) < len(changes):
        raise ValueError("An append has one change per aggregate: put its events together.")
    if len({change.state.claim for change in claims}) < len(claims):
        raise ValueError("An append changes a claim once: leave out what is undone again.")
    for change in changes:
        for version, envelope in enumerate(change.envelopes, change.history.version + 1):
            if envelope.version != version:
                raise ValueError(f"{envelope.type} has version {envelope.version}, not {version}.")
