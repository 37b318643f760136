"""Carries a command out: load, fold, decide, append; once more after a true conflict."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Any, Generic, TypeVar

from chassis.backoff import growing
from chassis.cause import Cause, derived_id
from chassis.claiming import ClaimsOf, UsesOf, Wish, held_after, no_claims, no_uses
from chassis.decider import Decider, Refused
from chassis.event_store import (
    Aggregate,
    Change,
    ClaimChange,
    Conflict,
    EventStore,
    History,
    Position,
    StoreUnavailable,
)
from chassis.turns import Kept, Turns
from schemas.envelope import Envelope, schema_uri
from schemas.event import Event

C = TypeVar("C")
S = TypeVar("S")

PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.001, 0.05
TOO_MANY = "Too many others are changing the same thing. Try again shortly."


class VersionMismatch(Refused):
    """The resource has changed since the version named in If-Match."""

    status = 412


@dataclass(frozen=True, slots=True)
class Intent(Generic[C, S]):
    """A command for one aggregate. `if_version` refuses it when the aggregate has moved on."""

    aggregate: Aggregate
    decider: Decider[C, S, Any]
    command: C
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """What an aggregate is like after a command, and how far to read to see it."""

    state: S
    version: int
    position: Position


@dataclass(frozen=True)
class CommandHandler:
    """The one way to change anything.

    `claims_of` says which names an event takes or gives back, `uses_of` what an aggregate with
    this history begins or ceases to need with these facts.
    """

    store: EventStore
    claims_of: ClaimsOf = no_claims
    uses_of: UsesOf = no_uses
    turns: Turns = field(default_factory=Turns, repr=False)

    async def handle(self, cause: Cause, intent: Intent[C, S]) -> Outcome[S]:
        """Carry out one command. Raises `Refused`, `StoreUnavailable`."""
        (outcome,) = await self.handle_all(cause, intent)
        return outcome

    async def handle_all(self, cause: Cause, *intents: Intent[Any, Any]) -> list[Outcome[Any]]:
        """Carry out several commands, all or none. Raises `Refused`, `StoreUnavailable`."""
        async with self.turns.kept() as aggregates, self.turns.kept() as claims:
            await aggregates.take(intent.aggregate.prefix for intent in intents)
            return await self._handled(cause, intents, claims)

    async def is_done(self, cause: Cause, intent: Intent[Any, Any]) -> bool:
        """Whether this command has been carried out. What rules refuse of it, is refused now.

        Raises `Refused`, `StoreUnavailable`.
        """
        (history,) = await self.store.load(intent.aggregate)
        if _already_done(history, cause):
            return True
        _decide(intent, history)
        return False

    async def look(self, aggregate: Aggregate, decider: Decider[C, S, Any]) -> Outcome[S]:
        """What an aggregate is like now, straight from the log. Raises `StoreUnavailable`."""
        (history,) = await self.store.load(aggregate)
        return Outcome(decider.fold(history.events), history.version, _position(history))

    async def _handled(
        self, cause: Cause, intents: Sequence[Intent[Any, Any]], claims: Kept
    ) -> list[Outcome[Any]]:
        now = asyncio.get_running_loop().time
        patience = inf
        for attempt in count():
            histories = await self.store.load(*(intent.aggregate for intent in intents))
            if any(_already_done(history, cause) for history in histories):
                break
            try:
                return await self._attempt(cause, intents, histories, claims)
            except Conflict as conflict:
                # To have waited for a turn is no conflict yet.
                patience = min(patience, now() + PATIENCE_SECONDS)
                if now() > patience:
                    raise StoreUnavailable(TOO_MANY) from conflict
            await asyncio.sleep(growing(attempt, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS))
        return [_outcome(i, h) for i, h in zip(intents, histories, strict=True)]

    async def _attempt(
        self,
        cause: Cause,
        intents: Sequence[Intent[Any, Any]],
        histories: Sequence[History],
        turns: Kept,
    ) -> list[Outcome[Any]]:
        decided = [_decide(i, h) for i, h in zip(intents, histories, strict=True)]
        happened = [(h, facts) for h, (_, facts) in zip(histories, decided, strict=True) if facts]
        changes = [Change(h, _envelopes(cause, h, facts)) for h, facts in happened]
        if changes:
            wishes = [wish for history, facts in happened for wish in self._wishes(history, facts)]
            await turns.take(wish.claim.subject for wish in wishes)
            claims = await self._claim_changes(wishes)
            position = await self.store.append(changes, claims)
        return [
            Outcome(
                intent.decider.fold(facts, state),
                history.version + len(facts),
                position if facts else _position(history),
            )
            for intent, history, (state, facts) in zip(intents, histories, decided, strict=True)
        ]

    async def _claim_changes(self, wishes: Sequence[Wish]) -> list[ClaimChange]:
        claims = dict.fromkeys(wish.claim for wish in wishes)
        states = await self.store.claims(*claims) if claims else ()
        # One after the other: a name that one event gives back can be taken by the next.
        holders = {state.claim: state.holder for state in states}
        for wish in wishes:
            holders[wish.claim] = held_after(wish, holders[wish.claim])
        return [ClaimChange(s, holders[s.claim]) for s in states if holders[s.claim] != s.holder]

    def _wishes(self, history: History, facts: Sequence[Event]) -> Iterator[Wish]:
        for fact in facts:
            yield from self.claims_of(history.aggregate, fact)
        yield from self.uses_of(history, facts)


def check_version(wanted: int | None, version: int) -> None:
    """Refuse a change of something that has moved on since. Raises `VersionMismatch`."""
    if wanted is not None and wanted != version:
        raise VersionMismatch(
            "Somebody has changed this in the meantime. Read it again and repeat your change."
        )


def _decide(intent: Intent[Any, Any], history: History) -> tuple[Any, Sequence[Event]]:
    check_version(intent.if_version, history.version)
    state = intent.decider.fold(history.events)
    return state, intent.decider.decide(intent.command, state)


def _already_done(history: History, cause: Cause) -> bool:
    return any(r.envelope.causationid == cause.command_id for r in reversed(history.recorded))


def _position(history: History) -> Position:
    return Position(history.aggregate.service, history.sequence)


def _outcome(intent: Intent[Any, Any], history: History) -> Outcome[Any]:
    state = intent.decider.fold(history.events)
    return Outcome(state, history.version, _position(history))


def _envelopes(cause: Cause, history: History, facts: Sequence[Event]) -> list[Envelope]:
    aggregate = history.aggregate
    return [
        Envelope(
            id=derived_id(aggregate.prefix, cause.command_id, str(index)),
            source=f"/switchboard/{aggregate.service}",
            type=fact.wire_name,
            subject=f"{aggregate.kind}/{aggregate.id}",
            time=cause.at,
            dataschema=schema_uri(fact.wire_name),
            organization=aggregate.organization,
            version=history.version + 1 + index,
            correlationid=cause.correlation_id,
            causationid=cause.command_id,
            traceparent=cause.traceparent,
            actor=cause.actor,
            data=fact.model_dump(mode="json", exclude_none=True),
        )
        for index, fact in enumerate(facts)
    ]
