"""Facts published by the sessions service: organizations, their users, and who is signed in."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, EmailStr, Field

from schemas.event import Event
from schemas.fields import PERSONAL, Fingerprint, Id, Language, Name, PersonName, PlainText

Domain = Annotated[
    str, Field(title="domain", pattern=r"^[^\s@A-Z]+$", max_length=253, examples=["example.com"])
]
"""In lower case."""
LoginId = Annotated[
    str,
    Field(
        title="login id",
        pattern=r"^[^@\s]+@[^@\sA-Z]+$",
        max_length=320,
        json_schema_extra=PERSONAL,
    ),
    PlainText,
]
"""`user@domain`, in the one way of writing it that is compared."""
Role = Literal["administrator", "supervisor", "agent"]
SignOutReason = Literal[
    "user", "connection_lost", "grace_over", "takeover", "forced", "limit", "desk_withdrawn"
]
AcdState = Literal["available", "unavailable", "wrap_up"]
Text = Annotated[str, Field(min_length=1, max_length=200), PlainText]
Hours = Annotated[float, Field(gt=0, le=168)]
"""At most a week."""
SipAccountIds = Annotated[tuple[Id, ...], Field(max_length=4)]
"""The numbers a user has at a hot desk."""
Platform = Annotated[str, Field(title="platform", pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,31}$")]
Link = Annotated[str, Field(title="link", pattern=r"^https?://[^\s]+$", max_length=2000)]


class OrganizationRegistered(
    Event, name="sessions.v1.OrganizationRegistered", aggregate="organization"
):
    """An organization exists. `sign_in_name` stands in the address of its sign-in page."""

    organization_id: Id
    name: Name
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    sign_in_name: Id


class OrganizationChanged(Event, name="sessions.v1.OrganizationChanged", aggregate="organization"):
    """The organization is set up like this from now on; what is not said has its default."""

    organization_id: Id
    name: Name
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    removed_domains: tuple[Domain, ...] = ()
    help_contact: Text | None = None
    mail_from: EmailStr | None = None
    download_links: Annotated[dict[Platform, Link], Field(default_factory=dict)]
    code_lifetime_minutes: Annotated[int, Field(ge=1)] = 10080
    language: Language | None = None


class SignInPolicySet(Event, name="sessions.v1.SignInPolicySet", aggregate="organization"):
    """How people of the organization sign in from now on, and how long they stay so."""

    organization_id: Id
    default_domain: Domain
    users_may_set_domain: bool
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    grace_seconds: Annotated[int, Field(ge=0)]
    second_sign_in: Literal["refuse", "takeover"]
    max_session_hours: Hours | None = None


class UserRegistered(Event, name="sessions.v1.UserRegistered", aggregate="user"):
    """A person can sign in. `user_id` is opaque; `login_id` is what the person types."""

    user_id: Id
    login_id: LoginId
    role: Role
    first_name: PersonName
    last_name: PersonName
    language: Language | None = None
    credential_version: Annotated[int, Field(ge=1)]
    contact_id: Id | None = None
    sip_account_ids: SipAccountIds = ()
    append_domain: Domain | None = None


class UserChanged(Event, name="sessions.v1.UserChanged", aggregate="user"):
    """A user is like this from now on."""

    user_id: Id
    role: Role
    first_name: PersonName
    last_name: PersonName
    language: Language | None = None
    contact_id: Id | None = None
    sip_account_ids: SipAccountIds = ()
    append_domain: Domain | None = None


class UserPasswordChanged(Event, name="sessions.v1.UserPasswordChanged", aggregate="user"):
    """Earlier passwords of the user are worth nothing any more."""

    user_id: Id
    credential_version: Annotated[int, Field(ge=1)]


class UserRemoved(Event, name="sessions.v1.UserRemoved", aggregate="user"):
    """The user cannot sign in any more; the login id is free."""

    user_id: Id
    login_id: LoginId


class DeskConfigured(Event, name="sessions.v1.DeskConfigured", aggregate="desk"):
    """A desk is like this from now on: a device, and whether guests may sit there."""

    desk_id: Id
    name: Name
    device_id: Id
    earlier_device_id: Id | None = None
    hot_desk: bool
    max_hours: Hours | None = None


class DeskWithdrawn(Event, name="sessions.v1.DeskWithdrawn", aggregate="desk"):
    """There is no such desk any more."""

    desk_id: Id
    device_id: Id


class SignInRefused(Event, name="sessions.v1.SignInRefused", aggregate="attempt"):
    """Somebody whose password was right was not let in, and why."""

    attempt_id: Id
    user_id: Id
    machine_id: Fingerprint
    reason: Literal["machine_in_use", "second_sign_in", "desk"]
    session_id: Id | None = None


class AgentSignedIn(Event, name="sessions.v1.AgentSignedIn", aggregate="session"):
    """Somebody signed in: an agent, supervisor or administrator, as `role` tells."""

    session_id: Id
    user_id: Id
    role: Role
    machine_id: Fingerprint
    domain_source: Literal["typed", "own", "default"]
    stay_signed_in: bool
    language: Language
    desk_id: Id | None = None
    ends_at: AwareDatetime | None = None


class DeskAssociated(Event, name="sessions.v1.DeskAssociated", aggregate="session"):
    """The desk's device is set up with the agent's SIP accounts, until it is released."""

    session_id: Id
    user_id: Id
    association_id: Id
    desk_id: Id
    device_id: Id
    sip_account_ids: SipAccountIds
    ends_at: AwareDatetime | None = None


class DeskReleased(Event, name="sessions.v1.DeskReleased", aggregate="session"):
    """The desk is free, and its device has its own SIP accounts back."""

    session_id: Id
    user_id: Id
    association_id: Id
    desk_id: Id
    device_id: Id
    reason: Literal["left", "moved"] | SignOutReason


class SessionConnectionLost(Event, name="sessions.v1.SessionConnectionLost", aggregate="session"):
    """The client is silent. The session is kept until then, in case it comes back."""

    session_id: Id
    user_id: Id
    kept_until: AwareDatetime


class SessionResumed(Event, name="sessions.v1.SessionResumed", aggregate="session"):
    """The client is back in time."""

    session_id: Id
    user_id: Id


class AcdStateChanged(Event, name="sessions.v1.AcdStateChanged", aggregate="session"):
    """Whether the agent takes calls. Signing out ends every state."""

    session_id: Id
    user_id: Id
    state: AcdState
    reason: Text | None = None
    by: Id | None = None


class SessionLanguageChanged(Event, name="sessions.v1.SessionLanguageChanged", aggregate="session"):
    """Whoever is signed in reads another language from now on."""

    session_id: Id
    user_id: Id
    language: Language


class AgentSignedOut(Event, name="sessions.v1.AgentSignedOut", aggregate="session"):
    """The session is over, and why."""

    session_id: Id
    user_id: Id
    machine_id: Fingerprint
    reason: SignOutReason
    by: Id | None = None
