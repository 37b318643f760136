"""Read models of sessions. Each is a fold: drop it, replay, and it is the same again."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.sessions import AgentSignedIn, AgentSignedOut, UserRegistered
from services.sessions.domain.session import Session
from services.sessions.domain.session import evolve as evolve_session
from services.sessions.domain.user import User
from services.sessions.domain.user import evolve as evolve_user


@dataclass(frozen=True)
class UserView:
    """A user as lists show them, by user id."""

    id: str
    version: int
    login_id: str
    user: User


@dataclass(frozen=True)
class SessionView:
    """A session, live or over."""

    id: str
    version: int
    live: bool
    user_id: str
    signed_in_at: datetime
    session: Session


def project_user(view: UserView | None, recorded: Recorded) -> UserView | None:
    """Fold a user's events."""
    event = recorded.event
    if not isinstance(event, UserRegistered):
        return view
    now = evolve_user(view.user if view else None, event)
    return UserView(event.user_id, recorded.envelope.version, now.login_id, now)


def project_session(view: SessionView | None, recorded: Recorded) -> SessionView | None:
    """Fold a session's events."""
    event, version = recorded.event, recorded.envelope.version
    if isinstance(event, AgentSignedIn):
        now = evolve_session(None, event)
        at = recorded.envelope.time
        return SessionView(event.session_id, version, True, event.user_id, at, now) if now else None
    if isinstance(event, AgentSignedOut) and view:
        over = replace(view.session, live=False)
        return replace(view, version=version, live=False, session=over)
    return view


USERS = ReadModel("users_v1", UserView, (Index("by_login_id", ("login_id",)),))
SESSIONS = ReadModel("sessions_v1", SessionView, (Index("by_time", ("live", "signed_in_at")),))

projections = (
    Projection(USERS, {UserRegistered: lambda event: event.user_id}, project_user),
    Projection(
        SESSIONS,
        {kind: lambda event: event.session_id for kind in (AgentSignedIn, AgentSignedOut)},
        project_session,
    ),
)
