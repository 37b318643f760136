"""The event log in memory: the contract of `EventStore` in its simplest form."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from chassis.cause import Clock, system_clock
from chassis.event_store import (
    Aggregate,
    Change,
    Claim,
    ClaimChange,
    ClaimState,
    Conflict,
    History,
    Position,
    Recorded,
    check_append,
)
from chassis.histories import history_of, recorded_until


class MemoryEventStore:
    """`EventStore` for one test. `clock` says when something was appended."""

    def __init__(self, service: str, clock: Clock = system_clock) -> None:
        self._service = service
        self._clock = clock
        self._log: defaultdict[Aggregate, list[tuple[datetime, Recorded]]] = defaultdict(list)
        self._claims: dict[Claim, ClaimState] = {}
        self._sequence = 0
        self._created = clock()

    def all(self) -> tuple[Recorded, ...]:
        """Every event, oldest first."""
        recorded = (r for events in self._log.values() for _, r in events)
        return tuple(sorted(recorded, key=lambda r: r.position.sequence))

    def lose(self, *sequences: int) -> None:
        """Drop events as a broken disk or an erasure does."""
        for events in self._log.values():
            events[:] = [(at, r) for at, r in events if r.position.sequence not in sequences]

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        """Histories in the order asked for. Raises `BrokenHistory`."""
        return tuple(
            history_of(a, recorded_until([r for _, r in self._log[a]], until)) for a in aggregates
        )

    async def claims(self, *claims: Claim) -> tuple[ClaimState, ...]:
        """The present state of each claim."""
        return tuple(self._claims.get(claim, ClaimState(claim)) for claim in claims)

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        """Append everything or nothing. Raises `Conflict`, `BatchTooLarge`."""
        check_append(changes, claims)
        if any(self._last(c.history.aggregate) != c.history.sequence for c in changes):
            raise Conflict("an aggregate has moved on")
        if await self.claims(*(c.state.claim for c in claims)) != tuple(c.state for c in claims):
            raise Conflict("a claim has moved on")
        for claim in claims:
            self._record_claim(claim)
        for change in changes:
            self._record(change)
        return Position(self._service, self._sequence)

    async def last_position(self) -> Position:
        """The end of the log now."""
        events = self.all()
        return events[-1].position if events else Position(self._service, 0)

    async def incarnation(self) -> str:
        """When the log was created."""
        return self._created.isoformat()

    def _last(self, aggregate: Aggregate) -> int:
        events = self._log[aggregate]
        return events[-1][1].position.sequence if events else 0

    def _record_claim(self, change: ClaimChange) -> None:
        claim = change.state.claim
        self._sequence += 1
        self._claims[claim] = ClaimState(claim, change.holder, self._sequence)

    def _record(self, change: Change) -> None:
        for envelope in change.envelopes:
            self._sequence += 1
            recorded = Recorded(envelope, Position(self._service, self._sequence))
            self._log[change.history.aggregate].append((self._clock(), recorded))
