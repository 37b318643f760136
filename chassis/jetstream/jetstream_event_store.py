"""The event log of one service on a JetStream stream."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from nats.aio.client import Client
from pydantic import ValidationError

from chassis.event_store import (
    Aggregate,
    BrokenHistory,
    Change,
    Claim,
    ClaimChange,
    ClaimState,
    History,
    Position,
    Recorded,
    check_append,
)
from chassis.histories import history_of
from chassis.jetstream.direct_get import MAX_SUBJECTS, DirectGet, Stored, TooManySubjects
from chassis.jetstream.incarnation import Incarnation
from chassis.jetstream.jetstream_publish import Message, Publisher, guarded
from chassis.jetstream.nats_inbox import PATIENCE_SECONDS, Inbox
from schemas.envelope import CONTENT_TYPE, Envelope
from schemas.event import Event


class JetStreamEventStore:
    """`EventStore` on a stream that exists already, reached through `api_prefix`.

    Every call waits at most `patience` seconds for the broker.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        stream: str,
        *,
        api_prefix: str = "JSP",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        inbox = Inbox(nc, patience)
        self._service = service
        self._log = DirectGet(inbox, api_prefix, stream)
        self._publisher = Publisher(inbox)
        self._incarnation = Incarnation(inbox, api_prefix, stream)

    async def incarnation(self) -> str:
        """The stream's creation time (RFC 3339). Raises `StoreUnavailable`."""
        return await self._incarnation.created()

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        """Histories in the order asked for, as of `until` if given.

        Raises `BrokenHistory` where a version is missing, `StoreUnavailable`.
        """
        await self._incarnation.check()
        if not aggregates:
            return ()
        recorded: dict[str, list[Recorded]] = {aggregate.prefix: [] for aggregate in aggregates}
        for stored in await self._events(list(dict.fromkeys(aggregates)), until):
            prefix, _version, _event = stored.subject.rsplit(".", 2)
            recorded[prefix].append(self._recorded(stored))
        return tuple(history_of(aggregate, recorded[aggregate.prefix]) for aggregate in aggregates)

    async def claims(self, *claims: Claim) -> tuple[ClaimState, ...]:
        """The present state of each claim. Raises `StoreUnavailable`."""
        await self._incarnation.check()
        if not claims:
            return ()
        found = await self._log.last_of_each({claim.subject for claim in claims})
        states = {stored.subject: stored for stored in found}
        return tuple(_claim_state(claim, states.get(claim.subject)) for claim in claims)

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        """Append everything or nothing; answer where the last message stands.

        Raises `Conflict`, `StoreUnavailable`, `BatchTooLarge`.
        """
        check_append(changes, claims)
        await self._incarnation.check()
        messages = [_claim_message(claim) for claim in claims]
        # Events last: the position of an append is that of an event, which projections reach.
        messages += [message for change in changes for message in _event_messages(change)]
        return Position(self._service, await self._publisher.publish(messages))

    async def last_position(self) -> Position:
        """The end of the log now. Raises `StoreUnavailable`."""
        last = await self._log.last(f"evt.{self._service}.>")
        return Position(self._service, last.sequence if last else 0)

    async def _events(
        self, aggregates: Sequence[Aggregate], until: datetime | None
    ) -> list[Stored]:
        try:
            wanted = [f"{aggregate.prefix}.>" for aggregate in aggregates]
            return await self._log.last_of_each(wanted, until=until)
        except TooManySubjects:
            if len(aggregates) == 1:
                return await self._events_in_pages(aggregates[0], until)
            return [stored for one in aggregates for stored in await self._events([one], until)]

    async def _events_in_pages(self, aggregate: Aggregate, until: datetime | None) -> list[Stored]:
        events: list[Stored] = []
        for first in count(1, MAX_SUBJECTS):
            versions = range(first, first + MAX_SUBJECTS)
            wanted = [f"{aggregate.prefix}.{version}.*" for version in versions]
            page = await self._log.last_of_each(wanted, until=until)
            # A page that is not full may lack an event, so it is not taken for the last.
            if not page:
                break
            events += page
        return events

    def _recorded(self, stored: Stored) -> Recorded:
        try:
            envelope = Envelope.model_validate_json(stored.payload)
        except ValidationError as error:
            raise BrokenHistory(
                f"The event at {stored.sequence} ({stored.subject}) cannot be read. Compare the "
                "stream with its backup."
            ) from error
        return Recorded(envelope, Position(self._service, stored.sequence))


def _event_messages(change: Change) -> Iterator[Message]:
    aggregate = change.history.aggregate
    # The first message's guard holds for its batch; more of them would only slow every reader.
    guard = guarded(change.history.sequence, f"{aggregate.prefix}.>")
    for envelope in change.envelopes:
        yield Message(
            aggregate.subject(envelope.version, Event.catalog[envelope.type]),
            envelope.model_dump_json(exclude_none=True).encode(),
            {"content-type": CONTENT_TYPE, "Nats-Msg-Id": envelope.id, **guard},
        )
        guard = {}


def _claim_message(change: ClaimChange) -> Message:
    return Message(
        change.state.claim.subject,
        json.dumps({"holder": change.holder}).encode(),
        guarded(change.state.sequence),
    )


def _claim_state(claim: Claim, stored: Stored | None) -> ClaimState:
    if stored is None:
        return ClaimState(claim)
    content: dict[str, Any] = json.loads(stored.payload)
    return ClaimState(claim, content["holder"], stored.sequence)
