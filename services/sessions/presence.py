"""Who is there: a session lives as long as its client says so, and no longer than it may."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.cause import Cause, Clock, derived_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import StoreUnavailable
from chassis.leases import LeaseMoved, Leases
from services.sessions.domain.aggregates import SERVICE, organization_of, session_of
from services.sessions.domain.organization import organization
from services.sessions.domain.policy import GRACE_SECONDS
from services.sessions.domain.session import live, session
from services.sessions.domain.session_commands import (
    EndGrace,
    EndTime,
    LoseConnection,
    Resume,
    SessionCommand,
)
from services.sessions.domain.session_state import Session

TRIES = 3


@dataclass(frozen=True)
class Presence:
    """Leases of sessions: `session` while the client is there, `grace` and `limit` as clocks.

    A clock is set before the event that needs it, so that no crash leaves a session without one;
    what it then finds in the log decides, not that it rang.
    """

    commands: CommandHandler
    leases: Leases
    clock: Clock
    lease_seconds: int

    async def begin(self, organization_id: str, session_id: str, ends_at: datetime | None) -> None:
        """Expect heartbeats of a session that is about to start. Raises `StoreUnavailable`."""
        await self.leases.hold(_key("session", organization_id, session_id), self.lease_seconds)
        await self.limit(organization_id, session_id, ends_at)

    async def limit(self, organization_id: str, session_id: str, ends_at: datetime | None) -> None:
        """Look at the session again at that moment. Raises `StoreUnavailable`."""
        if ends_at is not None:
            await self._ring(_key("limit", organization_id, session_id), ends_at)

    async def beat(self, cause: Cause, organization_id: str, session_id: str) -> Session:
        """The client is there. Raises `SessionOver`, `StoreUnavailable`."""
        key = _key("session", organization_id, session_id)
        for _ in range(TRIES):
            found = await self.commands.look(session_of(organization_id, session_id), session)
            now = live(found.state)
            lease = await self.leases.look(key)
            if not (lease.held or now.stay_signed_in or self._forgiving):
                return live(await self._lose(_aside(cause, "lost"), organization_id, session_id))
            try:
                await self.leases.hold(key, self.lease_seconds, revision=lease.revision)
            except LeaseMoved:
                # Another tab or request of the same session was quicker, or it has just run out.
                if not (await self.leases.look(key)).held:
                    continue
            if now.kept_until is None:
                return now
            return live(
                await self._do(
                    _aside(cause, "resume"), organization_id, session_id, Resume(session_id)
                )
            )
        raise StoreUnavailable(f"Lease {key} moved {TRIES} times while it was being held.")

    async def ended(self, key: str, revision: int) -> None:
        """A lease has run out. Raises `StoreUnavailable`."""
        kind, organization_id, session_id = key.split(".")
        command_id = derived_id("lease", key, str(revision))
        cause = Cause(command_id, self.clock(), f"service:{SERVICE}", command_id)
        found = await self.commands.look(session_of(organization_id, session_id), session)
        if found.state is None or not found.state.live:
            return
        match kind:
            case "session":
                if not (await self.leases.look(key)).held:
                    await self._lose(cause, organization_id, session_id)
            case "grace" if found.state.kept_until:
                await self._end_grace(cause, organization_id, session_id, found.state.kept_until)
            case "limit" if found.state.ends_at:
                if found.state.ends_at > cause.at:
                    await self._ring(key, found.state.ends_at)
                command = EndTime(session_id, cause.at)
                await self._do(cause, organization_id, session_id, command)

    def beaten(self, key: str) -> bool:
        """Whether a lease is held by a client's heartbeats; the others are clocks."""
        return key.startswith("session.")

    @property
    def _forgiving(self) -> bool:
        """Whether leases may have run out because the broker was away, not the client."""
        return self.leases.steady_seconds < self.lease_seconds

    async def _lose(self, cause: Cause, organization_id: str, session_id: str) -> Session | None:
        known = await self.commands.look(organization_of(organization_id), organization)
        seconds = known.state.policy.grace_seconds if known.state else GRACE_SECONDS
        kept_until = cause.at + timedelta(seconds=seconds)
        await self._ring(_key("grace", organization_id, session_id), kept_until)
        command = LoseConnection(session_id, kept_until)
        return await self._do(cause, organization_id, session_id, command)

    async def _end_grace(
        self, cause: Cause, organization_id: str, session_id: str, kept_until: datetime
    ) -> None:
        command: SessionCommand = EndGrace(session_id, cause.at)
        if (await self.leases.look(_key("session", organization_id, session_id))).held:
            # The client came back, and a crash kept it from being written down.
            command = Resume(session_id)
        elif kept_until > cause.at:
            await self._ring(_key("grace", organization_id, session_id), kept_until)
        await self._do(cause, organization_id, session_id, command)

    async def _ring(self, key: str, at: datetime) -> None:
        await self.leases.hold(key, (at - self.clock()).total_seconds())

    async def _do(
        self, cause: Cause, organization_id: str, session_id: str, command: SessionCommand
    ) -> Session | None:
        aggregate = session_of(organization_id, session_id)
        outcome = await self.commands.handle(cause, Intent(aggregate, session, command))
        return outcome.state


def _key(kind: str, organization_id: str, session_id: str) -> str:
    return f"{kind}.{organization_id}.{session_id}"


def _aside(cause: Cause, label: str) -> Cause:
    """Something else that the same request does to the same session."""
    return replace(cause, command_id=derived_id(cause.command_id, label))
