"""Every published event. Importing this module is what makes `Event.catalog` complete."""

from schemas import activation, imports, notifier, provisioning, sessions
from schemas.event import Event

LANGUAGE = (activation, notifier, provisioning, imports, sessions)
"""The modules that say what is published, by service."""


def published() -> tuple[type[Event], ...]:
    """The events of this release by service, in the order in which each module tells them."""
    modules = [module.__name__ for module in LANGUAGE]
    kinds = (kind for kind in Event.catalog.values() if kind.__module__ in modules)
    return tuple(sorted(kinds, key=lambda kind: modules.index(kind.__module__)))


def find(wire_name: str) -> type[Event] | None:
    """The event of this wire name, None where this release does not know it."""
    return Event.catalog.get(wire_name)
