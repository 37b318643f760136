"""What people type to sign in: user@domain, or the user alone where a domain can be appended."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from chassis.decider import Invalid

DomainSource = Literal["typed", "own", "default"]

_USER = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class LoginId:
    """A canonical user@domain, and where its domain came from."""

    user: str
    domain: str
    source: DomainSource

    def __str__(self) -> str:
        return f"{self.user}@{self.domain}"


def domain(text: str, field: str) -> str:
    """A domain in canonical form: lower case, ASCII, no dot at the end. Raises `Invalid`."""
    folded = unicodedata.normalize("NFKC", text).strip().lower().rstrip(".")
    try:
        canonical = folded.encode("idna").decode() if not folded.isascii() else folded
    except UnicodeError:
        canonical = ""
    if len(canonical) <= 253 and _DOMAIN.fullmatch(canonical):
        return canonical
    raise Invalid(field, "Give a domain such as example.com.")


def login_id(typed: str, *, own: str | None = None, default: str | None = None) -> LoginId:
    """The canonical id: a typed domain wins over an own one, that over the default.

    Raises `Invalid` when there is no domain at all.
    """
    user, at, typed_domain = unicodedata.normalize("NFKC", typed).strip().lower().rpartition("@")
    if not at:
        user, typed_domain = typed_domain, ""
    if not _USER.fullmatch(user):
        raise Invalid("user_id", "Type your user id as user@domain.")
    sources: tuple[tuple[DomainSource, str | None], ...] = (
        ("typed", typed_domain if at else None),
        ("own", own),
        ("default", default),
    )
    for source, value in sources:
        if value is not None:
            return LoginId(user, domain(value, "user_id"), source)
    raise Invalid(
        "user_id",
        "Type your user id with its domain, as user@domain: no domain is set to be appended.",
    )
