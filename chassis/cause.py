"""Who asked for a change, when, and what it followed from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

Clock = Callable[[], datetime]
Ids = Callable[[], str]

_DERIVED = UUID("5c0ffee5-0000-4000-8000-5317c4b0a12d")


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    return str(uuid7())


def derived_id(*parts: str) -> str:
    """Always the same id for the same parts: what makes a retry recognisable."""
    return str(uuid5(_DERIVED, "\n".join(parts)))


def derived_id7(at: datetime, *parts: str) -> str:
    """Always the same UUIDv7 for the same moment and parts: the id of what a command makes."""
    milliseconds = int(at.timestamp() * 1000)
    digest = int.from_bytes(sha256("\n".join(parts).encode()).digest()[:10], "big")
    random_a, random_b = digest >> 68, digest & ((1 << 62) - 1)
    value = milliseconds << 80 | 7 << 76 | random_a << 64 | 2 << 62 | random_b
    return str(UUID(int=value))


@dataclass(frozen=True, slots=True)
class Cause:
    """The reason for an append.

    `command_id` is the same for every retry of one command; it becomes the `causationid` of its
    events, and finding it in an aggregate means the command has already been carried out.
    """

    command_id: str
    at: datetime
    actor: str
    correlation_id: str
    traceparent: str | None = None
