"""Reads the log of sessions from the first event: no rule was broken at any moment of it."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace

from chassis.jetstream.direct_get import DirectGet, Stored
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.nats_inbox import Inbox
from schemas.envelope import Envelope
from schemas.event import Event
from schemas.sessions import (
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskConfigured,
    DeskReleased,
    DeskWithdrawn,
)

AT_A_TIME = 500
HELD_BY_SESSIONS = ("machine", "user", "desk")


@dataclass(frozen=True)
class Live:
    """A session that has begun and not ended."""

    organization: str
    user_id: str
    role: str
    machine: str
    desk_id: str | None = None


@dataclass
class Audit:
    """The log so far. Whatever breaks I22 to I25 at any moment of it raises AssertionError."""

    live: dict[str, Live] = field(default_factory=dict)
    hot: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)

    def take(self, organization: str, event: Event) -> None:
        """The next event of the log."""
        match event:
            case DeskConfigured():
                self.hot.discard(event.desk_id)
                self.hot |= {event.desk_id} if event.hot_desk else set()
                assert event.hot_desk or event.desk_id not in self.taken, f"I24 {event}"
            case DeskWithdrawn():
                self.hot.discard(event.desk_id)
                assert event.desk_id not in self.taken, f"I25 {event}"
            case AgentSignedIn():
                self._signed_in(organization, event)
            case DeskAssociated():
                self._associated(event)
            case DeskReleased():
                assert self.live[event.session_id].desk_id == event.desk_id, f"I25 {event}"
                self._seat(event.session_id, None)
            case AgentSignedOut():
                assert self.live.pop(event.session_id).desk_id is None, f"I25 {event}"
                self.ended[event.session_id] = event.reason

    @property
    def taken(self) -> dict[str, str]:
        """Sessions by the desk where they sit."""
        return {one.desk_id: session for session, one in self.live.items() if one.desk_id}

    def _signed_in(self, organization: str, event: AgentSignedIn) -> None:
        for one in self.live.values():
            assert one.machine != event.machine_id, f"I22 {event}"
            assert event.role == "administrator" or one.user_id != event.user_id, f"I29 {event}"
        assert event.session_id not in self.ended, f"I25 {event}"
        self.live[event.session_id] = Live(
            organization, event.user_id, event.role, event.machine_id
        )

    def _associated(self, event: DeskAssociated) -> None:
        assert event.desk_id not in self.taken, f"I23 {event}"
        assert event.desk_id in self.hot, f"I24 {event}"
        session = self.live[event.session_id]
        assert (session.desk_id, session.role) == (None, "agent"), f"I23, I24 {event}"
        self._seat(event.session_id, event.desk_id)

    def _seat(self, session_id: str, desk_id: str | None) -> None:
        self.live[session_id] = replace(self.live[session_id], desk_id=desk_id)

    def check_claims(self, held: Iterable[str]) -> None:
        """Nothing is held but by a live session, and each holds what it must."""
        wanted = []
        for session_id, one in self.live.items():
            parts = 1 + (one.role != "administrator") + (one.desk_id is not None)
            wanted += [f"{one.organization}/{one.user_id}/{session_id}"] * parts
        assert sorted(held) == sorted(wanted), "I25: claims without a session, or the reverse"


async def recorded(nc: Connection) -> AsyncIterator[Envelope]:
    """The log from the first event on. `nc` is a connection of the sessions service."""
    async for stored in _events(log_of(nc), 1):
        yield Envelope.model_validate_json(stored.payload)


async def _events(log: DirectGet, start: int) -> AsyncIterator[Stored]:
    while found := await log.following("evt.sessions.>", start, AT_A_TIME):
        for stored in found:
            yield stored
        start = found[-1].sequence + 1


async def audited(nc: Connection) -> Audit:
    """Check the whole log and all claims. `nc` is a connection of the sessions service."""
    log, audit = log_of(nc), Audit()
    subjects = [f"claim.sessions.*.{kind}.>" for kind in HELD_BY_SESSIONS]
    end, looked_at, claims = 0, -1, list[Stored]()
    # Claims are of the same moment if nothing has happened while they were read.
    while looked_at != end:
        looked_at = end
        claims = await log.last_of_each(subjects)
        async for stored in _events(log, end + 1):
            envelope, end = Envelope.model_validate_json(stored.payload), stored.sequence
            audit.take(envelope.organization, envelope.event())
    audit.check_claims(_holders(claims))
    return audit


def log_of(nc: Connection) -> DirectGet:
    """The log of sessions and its claims, to read in."""
    return DirectGet(Inbox(nc, 10), "JSP", "SESSIONS")


def _holders(claims: Iterable[Stored]) -> list[str]:
    holders = [json.loads(stored.payload)["holder"] for stored in claims]
    return [holder for holder in holders if holder not in (None, "closed")]
