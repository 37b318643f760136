"""User: a person who can sign in. The password's hash is kept elsewhere, never in the log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.decider import Decider, Invalid, Refused, present
from schemas.sessions import (
    Role,
    UserChanged,
    UserPasswordChanged,
    UserRegistered,
    UserRemoved,
)

UserEvent = UserRegistered | UserChanged | UserPasswordChanged | UserRemoved

MOST_ACCOUNTS = 4


class UserIdTaken(Refused):
    """Somebody in the organization signs in with this user id already."""


class OwnRole(Refused):
    """Administrators do not remove or demote themselves: somebody must be left."""


class LastAdministrator(Refused):
    """An organization has an administrator at any time."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a user besides id and password. The accounts are for hot desks."""

    role: Role
    first_name: str
    last_name: str
    language: str | None = None
    contact_id: str | None = None
    sip_account_ids: tuple[str, ...] = ()
    append_domain: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """Let a person sign in. `credential_version` names the hash that was put away."""

    user_id: str
    login_id: str
    profile: Profile
    credential_version: int = 1


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """Describe a user anew. `by` is the user who does it."""

    user_id: str
    profile: Profile
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Make another hash count, which was put away already."""

    user_id: str
    credential_version: int


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Let somebody sign in no more. `by` is the user who does it."""

    user_id: str
    by: str


UserCommand = RegisterUser | ChangeUser | ChangePassword | RemoveUser


@dataclass(frozen=True, slots=True)
class User:
    """A user as registered. A removed one stays as the trace of who it was."""

    login_id: str
    profile: Profile
    credential_version: int
    removed: bool = False

    @property
    def role(self) -> Role:
        """What the user may do."""
        return self.profile.role


def existing(user: User | None) -> User:
    """A user who has not been removed. Raises `Unknown`."""
    return present(None if user is None or user.removed else user)


def administers(user: User | None) -> bool:
    """Whether this is an administrator, and still there."""
    return user is not None and not user.removed and user.role == "administrator"


def decide(command: UserCommand, user: User | None) -> Sequence[UserEvent]:
    """What follows from a command."""
    match command:
        case RegisterUser():
            return [_registered(command)] if user is None else []
        case ChangeUser(user_id, profile, by):
            known = existing(user)
            _check_accounts(profile.sip_account_ids)
            if by == user_id and profile.role != known.role:
                raise OwnRole("You cannot change your own role. Ask another administrator.")
            return [] if profile == known.profile else [UserChanged(**_fields(user_id, profile))]
        case ChangePassword(user_id, version):
            if existing(user).credential_version >= version:
                return []
            return [UserPasswordChanged(user_id=user_id, credential_version=version)]
        case RemoveUser(user_id, by):
            if user is not None and user.removed:
                return []
            if by == user_id:
                raise OwnRole("You cannot remove yourself. Ask another administrator.")
            return [UserRemoved(user_id=user_id, login_id=present(user).login_id)]


def _check_accounts(ids: Sequence[str]) -> None:
    if len(ids) > MOST_ACCOUNTS or len(set(ids)) < len(ids):
        raise Invalid("sip_account_ids", "Choose one to four SIP accounts, each once.")


def _registered(command: RegisterUser) -> UserRegistered:
    _check_accounts(command.profile.sip_account_ids)
    return UserRegistered(
        **_fields(command.user_id, command.profile),
        login_id=command.login_id,
        credential_version=command.credential_version,
    )


def _fields(user_id: str, profile: Profile) -> dict[str, Any]:
    names = Profile.__dataclass_fields__
    return {"user_id": user_id, **{name: getattr(profile, name) for name in names}}


def evolve(user: User | None, event: UserEvent) -> User | None:
    """What a fact changes."""
    match event:
        case UserRegistered():
            return User(event.login_id, _profile(event), event.credential_version)
        case UserChanged():
            return user and replace(user, profile=_profile(event))
        case UserPasswordChanged():
            return user and replace(user, credential_version=event.credential_version)
        case UserRemoved():
            return user and replace(user, removed=True)


def _profile(event: UserRegistered | UserChanged) -> Profile:
    return Profile(
        role=event.role,
        first_name=event.first_name,
        last_name=event.last_name,
        language=event.language,
        contact_id=event.contact_id,
        sip_account_ids=event.sip_account_ids,
        append_domain=event.append_domain,
    )


user: Decider[UserCommand, User | None, UserEvent] = Decider(None, decide, evolve)
