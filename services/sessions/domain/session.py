"""Session: one user signed in on one machine, until somebody or something signs them out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chassis.decider import Decider, Refused
from schemas.sessions import AgentSignedIn, AgentSignedOut, Role
from services.sessions.domain.login_id import DomainSource

SessionEvent = AgentSignedIn | AgentSignedOut
SignOutReason = Literal[
    "user", "connection_lost", "grace_over", "takeover", "forced", "limit", "desk_withdrawn"
]


class MachineInUse(Refused):
    """Another user is signed in on this machine."""


class SessionOver(Refused):
    """The session has ended."""

    status = 401


@dataclass(frozen=True, slots=True)
class SignIn:
    """Start a session. The user has been authenticated."""

    session_id: str
    user_id: str
    role: Role
    machine: str
    domain_source: DomainSource
    stay_signed_in: bool
    language: str


@dataclass(frozen=True, slots=True)
class SignOut:
    """End a session. `by` is the user who did it, if not the one signed in."""

    session_id: str
    reason: SignOutReason
    by: str | None = None


SessionCommand = SignIn | SignOut


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is now."""

    user_id: str
    role: Role
    machine: str
    stay_signed_in: bool
    language: str
    live: bool = True


def decide(command: SessionCommand, session: Session | None) -> Sequence[SessionEvent]:
    """What follows from a command."""
    match command:
        case SignIn():
            return [] if session is not None else [_signed_in(command)]
        case SignOut(session_id, reason, by):
            if session is None or not session.live:
                return []
            return [
                AgentSignedOut(
                    session_id=session_id,
                    user_id=session.user_id,
                    machine_id=session.machine,
                    reason=reason,
                    by=by,
                )
            ]


def _signed_in(command: SignIn) -> AgentSignedIn:
    return AgentSignedIn(
        session_id=command.session_id,
        user_id=command.user_id,
        role=command.role,
        machine_id=command.machine,
        domain_source=command.domain_source,
        stay_signed_in=command.stay_signed_in,
        language=command.language,
    )


def evolve(session: Session | None, event: SessionEvent) -> Session | None:
    """What a fact changes."""
    match event:
        case AgentSignedIn():
            return Session(
                user_id=event.user_id,
                role=event.role,
                machine=event.machine_id,
                stay_signed_in=event.stay_signed_in,
                language=event.language,
            )
        case AgentSignedOut():
            return session and replace(session, live=False)


session: Decider[SessionCommand, Session | None, SessionEvent] = Decider(None, decide, evolve)
