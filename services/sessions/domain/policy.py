"""How the people of an organization sign in, and how long they stay signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chassis.decider import Invalid, Refused
from schemas.said import said

LANGUAGES = ("en", "de", "es", "fr", "ru")
GRACE_SECONDS = 300

SecondSignIn = Literal["refuse", "takeover"]


class OwnDomainNotAllowed(Refused):
    """The organization does not let users append a domain of their own."""

    def __init__(self) -> None:
        remedy = "Type your user id as user@domain: a domain of your own cannot be appended here."
        super().__init__(remedy, errors=[{"field": "append_domain", "message": remedy}])


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """What an administrator can choose. `second_sign_in` is about another machine."""

    default_domain: str
    users_may_set_domain: bool = False
    languages: tuple[str, ...] = LANGUAGES
    grace_seconds: int = GRACE_SECONDS
    second_sign_in: SecondSignIn = "refuse"
    max_session_hours: float | None = None

    def language(self, chosen: str | None, known: str | None) -> str:
        """The language of a session: chosen on the page, else the user's, else the first.

        Raises `Invalid` if the chosen one is not offered.
        """
        if chosen is not None:
            if chosen not in self.languages:
                raise Invalid(
                    "language",
                    said("Choose one of: %(expected)s.", expected=", ".join(self.languages)),
                )
            return chosen
        return known if known in self.languages else self.languages[0]

    def ends_at(self, signed_in_at: datetime) -> datetime | None:
        """When a session ends whatever happens."""
        return after_hours(signed_in_at, self.max_session_hours)


def after_hours(start: datetime, hours: float | None) -> datetime | None:
    """The end of a time that has one."""
    return None if hours is None else start + timedelta(hours=hours)


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, either of which may never come."""
    return min((at for at in (one, other) if at is not None), default=None)
