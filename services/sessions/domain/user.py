"""User: a person who can sign in. The password's hash is kept elsewhere, never in the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider, Invalid, Refused
from schemas.sessions import Role, UserRegistered

UserEvent = UserRegistered

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128


class UserIdTaken(Refused):
    """Somebody in the organization signs in with this user id already."""


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """Let a person sign in. `credential_version` names the hash that was put away."""

    user_id: str
    login_id: str
    role: Role
    first_name: str
    last_name: str
    language: str | None = None
    credential_version: int = 1


UserCommand = RegisterUser


@dataclass(frozen=True, slots=True)
class User:
    """A user as registered."""

    login_id: str
    role: Role
    first_name: str
    last_name: str
    language: str | None
    credential_version: int


def check_password(password: str, field: str = "password") -> None:
    """Eight to 128 characters, of any kind. Raises `Invalid`."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            field,
            f"Choose a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
        )


def decide(command: UserCommand, user: User | None) -> Sequence[UserEvent]:
    """What follows from a command."""
    if user is not None:
        return []
    return [
        UserRegistered(
            user_id=command.user_id,
            login_id=command.login_id,
            role=command.role,
            first_name=command.first_name,
            last_name=command.last_name,
            language=command.language,
            credential_version=command.credential_version,
        )
    ]


def evolve(_: User | None, event: UserEvent) -> User:
    """What a fact changes."""
    return User(
        login_id=event.login_id,
        role=event.role,
        first_name=event.first_name,
        last_name=event.last_name,
        language=event.language,
        credential_version=event.credential_version,
    )


user: Decider[UserCommand, User | None, UserEvent] = Decider(None, decide, evolve)
