"""Answers of the sessions service."""

from datetime import datetime
from typing import Literal

import msgspec

from services.portal.resources import Resource

Role = Literal["administrator", "supervisor", "agent"]


class SignedInUser(Resource, frozen=True):
    """Who is signed in."""

    user_id: str
    role: Role
    language: str


class Desk(Resource, frozen=True):
    """A desk, as a session names it."""

    id: str
    name: str


class AcdState(Resource, frozen=True):
    """Whether an agent takes calls."""

    state: Literal["available", "unavailable", "wrap_up"]
    reason: str | None = None


class Home(Resource, frozen=True):
    """The organization of a session, and which languages it offers."""

    id: str
    name: str
    languages: tuple[str, ...] = ()


class Session(Resource, frozen=True):
    """One's own session."""

    session_id: str
    heartbeat_seconds: int
    lease_seconds: int
    user: SignedInUser
    organization: Home | None = None
    machine_id: str = ""
    signed_in_at: datetime | None = None
    desk: Desk | None = None
    acd_state: AcdState | None = None
    ends_at: datetime | None = None


class Tokens(Session, frozen=True, kw_only=True):
    """A session with fresh tokens. They are kept on the server and shown on no page."""

    access_token: str
    expires_in: int
    refresh_token: str


class SignInOptions(Resource, frozen=True):
    """What the sign-in page offers."""

    languages: list[str]
    default_domain: str | None = None
    users_may_set_domain: bool = False


class Organization(Resource, frozen=True):
    """An organization."""

    id: str
    name: str
    domains: list[str]
    sign_in_name: str
    help_contact: str | None = None
    mail_from: str | None = None
    download_links: dict[str, str] = msgspec.field(default_factory=dict)
    code_lifetime_minutes: int = 10080
    language: str | None = None


class User(Resource, frozen=True):
    """A user as administrators see it."""

    user_id: str
    role: Role
    first_name: str
    last_name: str
    language: str | None = None
    contact_id: str | None = None
    sip_account_ids: list[str] | None = None
    append_domain: str | None = None


class ConfiguredDesk(Resource, frozen=True):
    """A desk as it is set up."""

    id: str
    name: str
    device_id: str
    hot_desk: bool
    max_hours: float | None = None


class FloorDesk(Resource, frozen=True):
    """A desk as agents see it when they look for a place."""

    id: str
    name: str
    hot_desk: bool
    taken: bool
    max_hours: float | None = None


class SignInPolicy(Resource, frozen=True):
    """How people sign in."""

    default_domain: str
    users_may_set_domain: bool
    languages: list[str]
    grace_seconds: int
    second_sign_in: Literal["refuse", "takeover"]
    max_session_hours: float | None = None


class LiveSession(Resource, frozen=True):
    """Somebody who is signed in, as a supervisor sees it."""

    session_id: str
    user_id: str
    role: Role
    machine_id: str
    signed_in_at: datetime
    stay_signed_in: bool
    connection: Literal["connected", "lost"]
    language: str
    lost_since: datetime | None = None
    desk: Desk | None = None
    acd_state: AcdState | None = None
    acd_since: datetime | None = None


class PastSession(Resource, frozen=True):
    """A session that is over, and why."""

    session_id: str
    user_id: str
    signed_in_at: datetime
    signed_out_at: datetime | None = None
    reason: str | None = None
    by: str | None = None


class SignedOutCount(Resource, frozen=True):
    """How many people were signed out at once."""

    signed_out: int


class Guest(Resource, frozen=True):
    """Who sat at a desk at a moment, and from when until when."""

    user_id: str
    since: datetime
    until: datetime | None = None
    numbers: list[str] = msgspec.field(default_factory=list)


class Occupation(Resource, frozen=True):
    """Who sat at a desk, from when until when, and why no longer."""

    session_id: str
    user_id: str
    since: datetime
    until: datetime | None = None
    reason: str | None = None


class Seat(Resource, frozen=True):
    """How long somebody sat at a desk."""

    desk_id: str
    desk: str
    user_id: str
    hours: float


class SeatHours(Resource, frozen=True):
    """Seat hours per desk and agent."""

    items: list[Seat]
