"""What the services answer, as far as pages show it. Unknown members are ignored."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Resource(msgspec.Struct, frozen=True):
    """Base of everything that comes from a service."""


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """Part of a list; `next` is the cursor of the following part."""

    items: tuple[T, ...] = ()
    next: str | None = None


def values(resource: Resource) -> dict[str, Any]:
    """The members as a form holds them: `emails.0.address` is of the first address."""
    return dict(_flat(msgspec.to_builtins(resource), ""))


def _flat(content: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        inner = content.items()
    elif isinstance(content, list | tuple) and content and isinstance(content[0], dict):
        inner = {str(place): one for place, one in enumerate(content)}.items()
    else:
        yield name, content
        return
    for key, value in inner:
        yield from _flat(value, f"{name}.{key}" if name else key)
