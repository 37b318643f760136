"""Reads an event as it was delivered, and says what is wrong without quoting it."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError

from chassis.event_store import Position, Recorded
from schemas.envelope import Envelope, UnknownEvent
from schemas.event import Event
from schemas.upcasts import UPCASTS


class Unreadable(Exception):
    """What was delivered is no event of ours. The text quotes nothing of its content."""


class EventSubject(NamedTuple):
    """The subject of an event, taken apart: `<prefix>.<version>.<name>`."""

    prefix: str
    version: int
    name: str

    @staticmethod
    def parse(subject: str) -> "EventSubject":
        """Raises `Unreadable`."""
        prefix, version, name = subject.rsplit(".", 2)
        if prefix.count(".") != 4 or not version.isdecimal():
            raise Unreadable(f"{subject} is not the subject of an event.")
        return EventSubject(prefix, int(version), name)


def read(subject: str, sequence: int, body: bytes) -> Recorded:
    """The event in a message. Raises `Unreadable`, `UnknownEvent`."""
    _, service, _ = subject.split(".", 2)
    try:
        envelope = Envelope.model_validate_json(body)
        recorded = Recorded(envelope, Position(service, sequence))
        _ = recorded.event
    except ValidationError as error:
        raise Unreadable(f"{subject} at {sequence} cannot be read: {_findings(error)}.") from None
    if not subject.endswith(f".{envelope.version}.{envelope.type.rpartition('.')[2]}"):
        raise Unreadable(f"{subject} at {sequence} holds another event than its subject says.")
    return recorded


def _findings(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['type']}" for one in found)


class EventFilter:
    """Tells by their subjects which events are to be read, and which are only known."""

    def __init__(self, wanted: Iterable[type[Event]]) -> None:
        old = {wire_name.rpartition(".")[2] for wire_name in UPCASTS}
        self._wanted = {event.short_name for event in wanted} | old
        self._known = {event.short_name for event in Event.catalog.values()} | old

    def wants(self, subject: str) -> bool:
        """Whether to read this event. Raises `UnknownEvent`."""
        name = subject.rpartition(".")[2]
        if name not in self._known:
            raise UnknownEvent(
                f"The log holds {subject}, an event this release does not know: a newer one wrote "
                "it. Deploy that release, or a newer one, to go on."
            )
        return name in self._wanted
