"""Facts published by the sessions service: organizations, their users, and who is signed in."""

from typing import Annotated, Literal

from pydantic import Field

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


class OrganizationRegistered(
    Event, name="sessions.v1.OrganizationRegistered", aggregate="organization"
):
    """An organization exists. `sign_in_name` stands in the address of its sign-in page."""

    organization_id: Id
    name: Name
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    sign_in_name: Id


class UserRegistered(Event, name="sessions.v1.UserRegistered", aggregate="user"):
    """A person can sign in. `user_id` is opaque; `login_id` is what the person types."""

    user_id: Id
    login_id: LoginId
    role: Role
    first_name: PersonName
    last_name: PersonName
    language: Language | None = None
    credential_version: Annotated[int, Field(ge=1)]


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


class AgentSignedOut(Event, name="sessions.v1.AgentSignedOut", aggregate="session"):
    """The session is over, and why."""

    session_id: Id
    user_id: Id
    machine_id: Fingerprint
    reason: Literal[
        "user", "connection_lost", "grace_over", "takeover", "forced", "limit", "desk_withdrawn"
    ]
    by: Id | None = None
