"""What a session is like: the fold of its facts."""

from dataclasses import dataclass, replace
from datetime import datetime

from schemas.sessions import (
    AcdState,
    AcdStateChanged,
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskReleased,
    Role,
    SessionConnectionLost,
    SessionLanguageChanged,
    SessionResumed,
    SignOutReason,
)
from services.sessions.domain.policy import earlier

SessionEvent = (
    AgentSignedIn
    | DeskAssociated
    | DeskReleased
    | SessionConnectionLost
    | SessionResumed
    | AcdStateChanged
    | SessionLanguageChanged
    | AgentSignedOut
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A hot desk and its device, the guest's numbers there, and when the desk's time ends."""

    association_id: str
    desk_id: str
    device_id: str
    sip_account_ids: tuple[str, ...] = ()
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acd:
    """Whether an agent takes calls, and why not."""

    state: AcdState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is now. `kept_until` is set while the connection is lost."""

    user_id: str
    role: Role
    machine: str
    stay_signed_in: bool
    language: str
    longest_until: datetime | None = None
    seat: Seat | None = None
    kept_until: datetime | None = None
    acd: Acd | None = None
    ended: SignOutReason | None = None

    @property
    def live(self) -> bool:
        """Whether somebody is signed in."""
        return self.ended is None

    @property
    def ends_at(self) -> datetime | None:
        """When it ends whatever happens: at its own limit, or at that of the desk."""
        return earlier(self.longest_until, self.seat.ends_at if self.seat else None)


def evolve(session: Session | None, event: SessionEvent) -> Session | None:
    """What a fact changes."""
    if isinstance(event, AgentSignedIn):
        return Session(
            user_id=event.user_id,
            role=event.role,
            machine=event.machine_id,
            stay_signed_in=event.stay_signed_in,
            language=event.language,
            longest_until=event.ends_at,
        )
    return session and _changed(session, event)


def _changed(session: Session, event: SessionEvent) -> Session:
    match event:
        case DeskAssociated():
            session = replace(session, seat=_seat(event))
        case DeskReleased():
            session = replace(session, seat=None)
        case SessionConnectionLost(kept_until=kept_until):
            session = replace(session, kept_until=kept_until)
        case SessionResumed():
            session = replace(session, kept_until=None)
        case AcdStateChanged(state=state, reason=reason):
            session = replace(session, acd=Acd(state, reason))
        case SessionLanguageChanged(language=language):
            session = replace(session, language=language)
        case AgentSignedOut(reason=reason):
            session = replace(session, ended=reason, seat=None, kept_until=None, acd=None)
    return session


def _seat(event: DeskAssociated) -> Seat:
    return Seat(
        event.association_id,
        event.desk_id,
        event.device_id,
        event.sip_account_ids,
        event.ends_at,
    )
