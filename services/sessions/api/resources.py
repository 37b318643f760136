"""How sessions are shown, to whoever has them and to supervisors."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from schemas.fields import Id
from schemas.sessions import AcdState, Role
from services.sessions.domain.session_state import Session
from services.sessions.domain.user import User
from services.sessions.settings import Settings


class SignedInUser(BaseModel):
    """Who is signed in."""

    user_id: str
    role: Role
    language: str
    first_name: str
    last_name: str


class SessionDesk(BaseModel):
    """The hot desk of a session."""

    id: Id
    name: str


class AcdResource(BaseModel):
    """Whether an agent takes calls, and why not."""

    state: AcdState
    reason: str | None = None


class SessionOrganization(BaseModel):
    """Whose session it is, and which languages are offered there."""

    id: Id
    name: str
    languages: tuple[str, ...]


class SessionResource(BaseModel):
    """A session, as the one who has it sees it."""

    session_id: Id
    heartbeat_seconds: int
    lease_seconds: int
    user: SignedInUser
    organization: SessionOrganization
    machine_id: str
    signed_in_at: datetime
    stay_signed_in: bool
    desk: SessionDesk | None = None
    acd_state: AcdResource | None = None
    ends_at: datetime | None = None


class SignedInResource(SessionResource):
    """A session with fresh tokens."""

    access_token: str
    expires_in: int
    refresh_token: str


def acd_of(state: Session) -> AcdResource | None:
    """Show whether an agent takes calls."""
    return AcdResource(state=state.acd.state, reason=state.acd.reason) if state.acd else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a session is shown with, besides itself."""

    user: User
    organization: SessionOrganization
    signed_in_at: datetime
    desk_name: str = ""


def render(session_id: str, state: Session, seen: Seen, settings: Settings) -> SessionResource:
    """Show a session."""
    known = seen.user
    return SessionResource(
        session_id=session_id,
        heartbeat_seconds=settings.heartbeat_seconds,
        lease_seconds=settings.lease_seconds,
        user=SignedInUser(
            user_id=known.login_id,
            role=known.role,
            language=state.language,
            first_name=known.profile.first_name,
            last_name=known.profile.last_name,
        ),
        organization=seen.organization,
        machine_id=state.machine,
        signed_in_at=seen.signed_in_at,
        stay_signed_in=state.stay_signed_in,
        desk=SessionDesk(id=state.seat.desk_id, name=seen.desk_name) if state.seat else None,
        acd_state=acd_of(state),
        ends_at=state.ends_at,
    )
