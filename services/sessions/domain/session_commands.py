"""What a session can be asked to do. Ids and times were made by whoever asks."""

from dataclasses import dataclass
from datetime import datetime

from schemas.sessions import Role, SignOutReason
from services.sessions.domain.login_id import DomainSource
from services.sessions.domain.session_state import Acd, Seat


@dataclass(frozen=True, slots=True)
class SignIn:
    """Start a session. The user has been authenticated. `ends_at` is its longest time."""

    session_id: str
    user_id: str
    role: Role
    machine: str
    domain_source: DomainSource
    stay_signed_in: bool
    language: str
    ends_at: datetime | None = None
    seat: Seat | None = None


@dataclass(frozen=True, slots=True)
class SignOut:
    """End a session. `by` is the user who did it, if not the one signed in."""

    session_id: str
    reason: SignOutReason
    by: str | None = None


@dataclass(frozen=True, slots=True)
class LoseConnection:
    """The client is silent: sign out, or keep the session until then if it stays signed in."""

    session_id: str
    kept_until: datetime


@dataclass(frozen=True, slots=True)
class Resume:
    """The client is heard of again."""

    session_id: str


@dataclass(frozen=True, slots=True)
class EndGrace:
    """Sign out if the connection has been lost for too long."""

    session_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndTime:
    """Sign out if the session has lasted for its longest time."""

    session_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TakeDesk:
    """Sit down at a hot desk; an earlier one is left."""

    session_id: str
    seat: Seat


@dataclass(frozen=True, slots=True)
class LeaveDesk:
    """Leave the hot desk and stay signed in."""

    session_id: str


@dataclass(frozen=True, slots=True)
class ChangeAcdState:
    """Say whether the agent takes calls. `by` is a supervisor who does it."""

    session_id: str
    acd: Acd
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Go on in another language."""

    session_id: str
    language: str


SessionCommand = (
    SignIn
    | SignOut
    | LoseConnection
    | Resume
    | EndGrace
    | EndTime
    | TakeDesk
    | LeaveDesk
    | ChangeAcdState
    | ChooseLanguage
)
