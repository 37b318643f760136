"""Signing in: a session on this machine, for the one user it has."""

from dataclasses import dataclass, replace
from typing import Any, NoReturn

from chassis.auth import Principal
from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Refused, Unknown, present
from chassis.event_store import Position
from services.sessions.authentication import Attempt, Authentication, Known
from services.sessions.claims import Claims, machine_in_use, signed_in_elsewhere
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import attempt_of, session_of, user_of
from services.sessions.domain.attempt import RefusalReason, RefuseSignIn, attempt
from services.sessions.domain.policy import SignInPolicy, earlier
from services.sessions.domain.session import (
    AgentsOnly,
    DeskTaken,
    MachineInUse,
    SessionOver,
    SignedInElsewhere,
    session,
)
from services.sessions.domain.session_commands import SignIn, SignOut, TakeDesk
from services.sessions.domain.session_state import Seat, Session
from services.sessions.domain.user import ChangeUser, User, user
from services.sessions.presence import Presence
from services.sessions.seating import Seating

TRIES = 5


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session. `again` says it is an earlier one given back."""

    principal: Principal
    user: User
    session: Session
    position: Position
    again: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """One sign-in under way: the cause, the id a new session gets, who, from where."""

    cause: Cause
    session_id: str
    known: Known
    attempt: Attempt
    machine: str
    language: str
    policy: SignInPolicy

    def refusal(self, reason: RefusalReason, session_id: str | None = None) -> RefuseSignIn:
        return RefuseSignIn(self.session_id, self.known.user_id, self.machine, reason, session_id)


@dataclass(frozen=True)
class SignInDesk:
    """Lets people in."""

    commands: CommandHandler
    claims: Claims
    directory: Directory
    authentication: Authentication
    presence: Presence
    seating: Seating

    async def sign_in(self, cause: Cause, session_id: str, attempt: Attempt) -> SignedIn:
        """Authenticate and start a session, or give the one on this machine back.

        Raises `Unauthenticated`, `Invalid`, `OwnDomainNotAllowed`, `TooManyTries`,
        `MachineInUse`, `SignedInElsewhere`, `DeskTaken`, `AgentsOnly`, `StoreUnavailable`.
        """
        known = await self.authentication.of(attempt)
        policy = (await self.directory.organization(known.organization)).policy
        entry = _Entry(
            cause=replace(cause, actor=known.user_id),
            session_id=session_id,
            known=known,
            attempt=attempt,
            machine=self.claims.machine_fingerprint(attempt.machine_id),
            language=policy.language(attempt.language, known.user.profile.language),
            policy=policy,
        )
        for _ in range(TRIES - 1):
            try:
                return await self._enter(entry)
            except _Overtaken:
                continue
        return await self._enter(entry)

    async def _enter(self, entry: _Entry) -> SignedIn:
        known = entry.known
        # Asked for at once: a session that begins in between has both or neither.
        machine, own = await self.commands.store.claims(
            self.claims.machine(entry.machine), self.claims.user(known.organization, known.user_id)
        )
        if machine.holder is not None:
            organization, user_id, session_id = machine.holder.split("/")
            if (organization, user_id) != (known.organization, known.user_id):
                await self._refuse(entry, entry.refusal("machine_in_use"), machine_in_use())
            return await self._back(entry, session_id)
        elsewhere = own.holder.rpartition("/")[2] if own.holder else None
        if elsewhere and entry.policy.second_sign_in == "refuse":
            refusal = entry.refusal("second_sign_in", elsewhere)
            await self._refuse(entry, refusal, signed_in_elsewhere())
        return await self._start(entry, elsewhere)

    async def _start(self, entry: _Entry, elsewhere: str | None) -> SignedIn:
        known, at = entry.known, entry.cause.at
        seat = await self._seat(entry, entry.session_id)
        command = SignIn(
            session_id=entry.session_id,
            user_id=known.user_id,
            role=known.user.role,
            machine=entry.machine,
            domain_source=known.typed.source,
            stay_signed_in=entry.attempt.stay_signed_in,
            language=entry.language,
            ends_at=entry.policy.ends_at(at),
            seat=seat,
        )
        ends_at = earlier(command.ends_at, seat.ends_at if seat else None)
        await self.presence.begin(known.organization, entry.session_id, ends_at)
        try:
            *_, outcome = await self.commands.handle_all(
                entry.cause,
                *self._taken_over(entry, elsewhere),
                *self._language_kept(entry),
                Intent(session_of(known.organization, entry.session_id), session, command),
            )
        except (MachineInUse, SignedInElsewhere) as overtaken:
            raise _Overtaken(str(overtaken)) from overtaken
        except DeskTaken as taken:
            await self._refuse(entry, entry.refusal("desk"), taken)
        principal = self._principal(entry, entry.session_id)
        return SignedIn(
            principal, known.user, present(outcome.state), outcome.position, again=False
        )

    async def _back(self, entry: _Entry, session_id: str) -> SignedIn:
        known, seat = entry.known, await self._seat(entry, entry.session_id)
        try:
            await self.presence.beat(entry.cause, known.organization, session_id)
            aggregate = session_of(known.organization, session_id)
            if seat:
                await self.presence.limit(known.organization, session_id, seat.ends_at)
                intent = Intent(aggregate, session, TakeDesk(session_id, seat))
                found = await self.commands.handle(entry.cause, intent)
            else:
                found = await self.commands.look(aggregate, session)
        except SessionOver as over:
            raise _Overtaken(str(over)) from over
        except (DeskTaken, AgentsOnly) as taken:
            await self._refuse(entry, entry.refusal("desk"), taken)
        principal = self._principal(entry, session_id)
        return SignedIn(principal, known.user, present(found.state), found.position, again=True)

    async def _seat(self, entry: _Entry, association_id: str) -> Seat | None:
        desk_id, known = entry.attempt.desk_id, entry.known
        if desk_id is None:
            return None
        try:
            return await self.seating.seat(
                known.organization, desk_id, known.user, association_id, entry.cause.at
            )
        except (Unknown, DeskTaken) as refused:
            await self._refuse(entry, entry.refusal("desk"), DeskTaken(str(refused)))

    def _taken_over(self, entry: _Entry, elsewhere: str | None) -> list[Intent[Any, Any]]:
        if elsewhere is None:
            return []
        aggregate = session_of(entry.known.organization, elsewhere)
        return [Intent(aggregate, session, SignOut(elsewhere, "takeover", entry.known.user_id))]

    def _language_kept(self, entry: _Entry) -> list[Intent[Any, Any]]:
        known, chosen = entry.known, entry.attempt.language
        if chosen is None or chosen == known.user.profile.language:
            return []
        profile = replace(known.user.profile, language=chosen)
        aggregate = user_of(known.organization, known.user_id)
        return [Intent(aggregate, user, ChangeUser(known.user_id, profile))]

    def _principal(self, entry: _Entry, session_id: str) -> Principal:
        known = entry.known
        return Principal(known.user_id, known.organization, known.user.role, session_id)

    async def _refuse(self, entry: _Entry, noted: RefuseSignIn, refusal: Refused) -> NoReturn:
        aggregate = attempt_of(entry.known.organization, noted.attempt_id)
        await self.commands.handle(entry.cause, Intent(aggregate, attempt, noted))
        raise refusal


class _Overtaken(Exception):
    """Something else happened to the machine or the user in between: look again."""
