"""Session: one user signed in on one machine, until somebody or something signs them out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chassis.decider import Decider, Refused
from schemas.said import said
from schemas.sessions import (
    AcdStateChanged,
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskReleased,
    SessionConnectionLost,
    SessionLanguageChanged,
    SessionResumed,
    SignOutReason,
)
from services.sessions.domain.session_commands import (
    ChangeAcdState,
    ChooseLanguage,
    EndGrace,
    EndTime,
    LeaveDesk,
    LoseConnection,
    Resume,
    SessionCommand,
    SignIn,
    SignOut,
    TakeDesk,
)
from services.sessions.domain.session_state import Seat, Session, SessionEvent, evolve

ReleaseReason = Literal["left", "moved"] | SignOutReason

WHY_OVER: dict[SignOutReason, str] = {
    "user": said("You signed out. Sign in again to go on."),
    "connection_lost": said(
        "The connection was lost, and you had not chosen to stay signed in. Sign in again to go on."
    ),
    "grace_over": said("The connection was lost for too long. Sign in again to go on."),
    "takeover": said("You signed in on another machine. Sign in again to go on."),
    "forced": said(
        "You were signed out by somebody in charge, or for safety. Sign in again to go on."
    ),
    "limit": said("The longest time for this session or its desk is over. Sign in again to go on."),
    "desk_withdrawn": said("Your desk was taken away. Sign in again to go on."),
}


class MachineInUse(Refused):
    """Another user is signed in on this machine."""


class SignedInElsewhere(Refused):
    """The user is signed in on another machine."""


class DeskTaken(Refused):
    """Somebody sits at the desk, or it is not there for guests."""


class AgentsOnly(Refused):
    """Only agents sit at hot desks and take calls."""


class ReasonMissing(Refused):
    """Who is not available says why."""

    status = 422


class SessionOver(Refused):
    """The session has ended; `reason` says why, if it is known."""

    status = 401


def decide(command: SessionCommand, session: Session | None) -> Sequence[SessionEvent]:
    """What follows from a command."""
    if isinstance(command, SignIn):
        return _sign_in(command) if session is None else []
    if isinstance(command, TakeDesk | LeaveDesk | ChangeAcdState | ChooseLanguage):
        return _at_work(command, live(session))
    if session is None or not session.live:
        return []
    match command:
        case LoseConnection(session_id, kept_until):
            return _lost(session_id, session, kept_until)
        case Resume(session_id):
            resumed = SessionResumed(session_id=session_id, user_id=session.user_id)
            return [resumed] if session.kept_until else []
        case SignOut() | EndGrace() | EndTime():
            return _over(command, session)


def _over(command: SignOut | EndGrace | EndTime, session: Session) -> Sequence[SessionEvent]:
    match command:
        case SignOut(session_id, reason, by):
            return _signed_out(session_id, session, reason, by)
        case EndGrace(session_id, at) if session.kept_until and session.kept_until <= at:
            return _signed_out(session_id, session, "grace_over")
        case EndTime(session_id, at) if session.ends_at and session.ends_at <= at:
            return _signed_out(session_id, session, "limit")
    return []


def live(session: Session | None) -> Session:
    """A session that has not ended. Raises `SessionOver`."""
    if session is None:
        raise SessionOver("The session is over. Sign in again.")
    if session.ended is not None:
        raise session_over(session.ended)
    return session


def session_over(reason: SignOutReason) -> SessionOver:
    """What somebody is told who was signed out."""
    return SessionOver(WHY_OVER[reason], reason=reason)


def _at_work(
    command: TakeDesk | LeaveDesk | ChangeAcdState | ChooseLanguage, session: Session
) -> Sequence[SessionEvent]:
    match command:
        case TakeDesk(session_id, seat):
            _check_agent(session)
            if session.seat and session.seat.desk_id == seat.desk_id:
                return []
            return [
                *_released(session_id, session, "moved"),
                _associated(session_id, session.user_id, seat),
            ]
        case LeaveDesk(session_id):
            return _released(session_id, session, "left")
        case ChooseLanguage():
            return _in_language(command, session)
        case ChangeAcdState(session_id, acd, by):
            _check_agent(session)
            if acd.state == "unavailable" and not acd.reason:
                raise ReasonMissing(
                    "Say why you are not available.",
                    errors=[{"field": "reason", "message": "Say why you are not available."}],
                )
            if acd == session.acd:
                return []
            return [
                AcdStateChanged(
                    session_id=session_id,
                    user_id=session.user_id,
                    state=acd.state,
                    reason=acd.reason,
                    by=by,
                )
            ]


def _in_language(command: ChooseLanguage, session: Session) -> Sequence[SessionEvent]:
    if command.language == session.language:
        return []
    return [
        SessionLanguageChanged(
            session_id=command.session_id, user_id=session.user_id, language=command.language
        )
    ]


def _check_agent(session: Session) -> None:
    if session.role != "agent":
        raise AgentsOnly("Only agents can do this. Sign in as an agent.")


def _sign_in(command: SignIn) -> Sequence[SessionEvent]:
    seat = command.seat
    signed_in = AgentSignedIn(
        session_id=command.session_id,
        user_id=command.user_id,
        role=command.role,
        machine_id=command.machine,
        domain_source=command.domain_source,
        stay_signed_in=command.stay_signed_in,
        language=command.language,
        desk_id=seat.desk_id if seat else None,
        ends_at=command.ends_at,
    )
    if seat is None:
        return [signed_in]
    if command.role != "agent":
        raise AgentsOnly("Only agents sit at hot desks. Sign in without a desk.")
    return [signed_in, _associated(command.session_id, command.user_id, seat)]


def _associated(session_id: str, user_id: str, seat: Seat) -> DeskAssociated:
    return DeskAssociated(
        session_id=session_id,
        user_id=user_id,
        association_id=seat.association_id,
        desk_id=seat.desk_id,
        device_id=seat.device_id,
        sip_account_ids=seat.sip_account_ids,
        ends_at=seat.ends_at,
    )


def _released(session_id: str, session: Session, reason: ReleaseReason) -> list[SessionEvent]:
    if session.seat is None:
        return []
    return [
        DeskReleased(
            session_id=session_id,
            user_id=session.user_id,
            association_id=session.seat.association_id,
            desk_id=session.seat.desk_id,
            device_id=session.seat.device_id,
            reason=reason,
        )
    ]


def _lost(session_id: str, session: Session, kept_until: datetime) -> Sequence[SessionEvent]:
    if not session.stay_signed_in:
        return _signed_out(session_id, session, "connection_lost")
    if session.kept_until:
        return []
    return [
        SessionConnectionLost(session_id=session_id, user_id=session.user_id, kept_until=kept_until)
    ]


def _signed_out(
    session_id: str, session: Session, reason: SignOutReason, by: str | None = None
) -> Sequence[SessionEvent]:
    return [
        *_released(session_id, session, reason),
        AgentSignedOut(
            session_id=session_id,
            user_id=session.user_id,
            machine_id=session.machine,
            reason=reason,
            by=by,
        ),
    ]


session: Decider[SessionCommand, Session | None, SessionEvent] = Decider(None, decide, evolve)
