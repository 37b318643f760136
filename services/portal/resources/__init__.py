"""What the services answer, as far as pages show it. Unknown members are ignored."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Resource(msgspec.Struct, frozen=True):
    """Base of everything that comes from a service."""


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next` is the cursor of the following part."""

    items: tuple[T, ...] = ()
    next: str | None = None
