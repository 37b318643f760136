"""Read models of sessions. Each is a fold: drop it, replay, and it is the same again."""

from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Literal

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.provisioning import (
    ContactAdded,
    ContactErased,
    ContactRemoved,
    DeviceCreated,
    DeviceRemoved,
    SipAccountAdded,
    SipAccountRemoved,
)
from schemas.sessions import (
    AcdStateChanged,
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskConfigured,
    DeskReleased,
    DeskWithdrawn,
    SessionConnectionLost,
    SessionLanguageChanged,
    SessionResumed,
    UserChanged,
    UserPasswordChanged,
    UserRegistered,
    UserRemoved,
)
from services.sessions.associations import association_projection
from services.sessions.domain.desk import Desk
from services.sessions.domain.desk import evolve as evolve_desk
from services.sessions.domain.session_state import Session
from services.sessions.domain.session_state import evolve as evolve_session
from services.sessions.domain.user import User
from services.sessions.domain.user import evolve as evolve_user
from services.sessions.numbers import number_projection

USER_FACTS = (UserRegistered, UserChanged, UserPasswordChanged, UserRemoved)
DESK_FACTS = (DeskConfigured, DeskWithdrawn)
SESSION_FACTS = (
    AgentSignedIn,
    DeskAssociated,
    DeskReleased,
    SessionConnectionLost,
    SessionResumed,
    AcdStateChanged,
    SessionLanguageChanged,
    AgentSignedOut,
)


@dataclass(frozen=True)
class UserView:
    """A user as lists show them. A removed one stays, so that history has names."""

    id: str
    version: int
    listed: bool
    domain: str
    login_id: str
    user: User


@dataclass(frozen=True)
class DeskView:
    """A desk as lists show it. A withdrawn one stays, so that history has names."""

    id: str
    version: int
    listed: bool
    name: str
    sort_name: str
    desk: Desk


@dataclass(frozen=True)
class Loss:
    """The client was silent from `at` until `until`, when it came back or was signed out."""

    at: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class SessionView:
    """A session, live or over."""

    id: str
    version: int
    live: bool
    user_id: str
    signed_in_at: datetime
    session: Session
    ended_at: datetime | None = None
    by: str | None = None
    losses: tuple[Loss, ...] = ()
    acd_since: datetime | None = None

    @property
    def lost_since(self) -> datetime | None:
        """Since when the client has been silent."""
        return next((loss.at for loss in self.losses if loss.until is None), None)


@dataclass(frozen=True)
class KnownView:
    """Something of provisioning's that desks and users can refer to."""

    id: str
    kind: Literal["device", "contact", "sip_account"]


def project_user(view: UserView | None, recorded: Recorded) -> UserView | None:
    """Fold a user's events."""
    event, version = recorded.event, recorded.envelope.version
    if not isinstance(event, USER_FACTS):
        return view
    now = evolve_user(view.user if view else None, event)
    if now is None:
        return None
    domain = now.login_id.rpartition("@")[2]
    return UserView(event.user_id, version, not now.removed, domain, now.login_id, now)


def project_desk(view: DeskView | None, recorded: Recorded) -> DeskView | None:
    """Fold a desk's events."""
    event, version = recorded.event, recorded.envelope.version
    if isinstance(event, DeskConfigured):
        place = evolve_desk(None, event)
        if place is None:
            return None
        name, sort_name = event.name, event.name.casefold()
        return DeskView(event.desk_id, version, True, name, sort_name, place.desk)
    return view and replace(view, version=version, listed=False)


def project_session(view: SessionView | None, recorded: Recorded) -> SessionView | None:
    """Fold a session's events."""
    event, version, at = recorded.event, recorded.envelope.version, recorded.envelope.time
    if isinstance(event, AgentSignedIn):
        begun = evolve_session(None, event)
        return (
            SessionView(event.session_id, version, True, event.user_id, at, begun)
            if begun
            else None
        )
    if view is None or not isinstance(event, SESSION_FACTS):
        return view
    now = evolve_session(view.session, event) or view.session
    return _noted(replace(view, version=version, live=now.live, session=now), recorded)


def _noted(view: SessionView, recorded: Recorded) -> SessionView:
    at = recorded.envelope.time
    match recorded.event:
        case SessionConnectionLost():
            return replace(view, losses=(*view.losses, Loss(at)))
        case SessionResumed():
            return replace(view, losses=_over(view.losses, at))
        case AcdStateChanged():
            return replace(view, acd_since=at)
        case AgentSignedOut(by=by):
            over = _over(view.losses, at)
            return replace(view, ended_at=at, by=by, losses=over, acd_since=None)
    return view


def _over(losses: tuple[Loss, ...], at: datetime) -> tuple[Loss, ...]:
    return tuple(loss if loss.until else replace(loss, until=at) for loss in losses)


def project_known(_: KnownView | None, recorded: Recorded) -> KnownView | None:
    """Fold what exists in provisioning."""
    match recorded.event:
        case DeviceCreated(device_id=device_id):
            return KnownView(device_id, "device")
        case ContactAdded(contact_id=contact_id):
            return KnownView(contact_id, "contact")
        case SipAccountAdded(sip_account_id=sip_account_id):
            return KnownView(sip_account_id, "sip_account")
    return None


USERS = ReadModel(
    "users_v2",
    UserView,
    (Index("by_login_id", ("listed", "login_id")), Index("by_domain", ("listed", "domain"))),
)
DESKS = ReadModel("desks_v2", DeskView, (Index("by_name", ("listed", "sort_name")),))
SESSIONS = ReadModel(
    "sessions_v3",
    SessionView,
    (
        Index("by_time", ("live", "signed_in_at")),
        Index("by_user", ("user_id", "live", "signed_in_at")),
        Index("by_start", ("signed_in_at",)),
    ),
)
KNOWN = ReadModel("known_v1", KnownView)

projections = (
    Projection(USERS, dict.fromkeys(USER_FACTS, attrgetter("user_id")), project_user),
    Projection(DESKS, dict.fromkeys(DESK_FACTS, attrgetter("desk_id")), project_desk),
    Projection(SESSIONS, dict.fromkeys(SESSION_FACTS, attrgetter("session_id")), project_session),
    association_projection,
    number_projection,
    Projection(
        KNOWN,
        {
            DeviceCreated: attrgetter("device_id"),
            DeviceRemoved: attrgetter("device_id"),
            **dict.fromkeys(
                (ContactAdded, ContactRemoved, ContactErased), attrgetter("contact_id")
            ),
            **dict.fromkeys((SipAccountAdded, SipAccountRemoved), attrgetter("sip_account_id")),
        },
        project_known,
    ),
)
