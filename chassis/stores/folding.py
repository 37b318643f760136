"""Folds a batch of events into documents: pure, and the same however often it is done."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel, Stored, Write
from schemas.event import Event


class Address(NamedTuple):
    """Names one document of a service."""

    model: str
    organization: str
    key: str


class Step(NamedTuple):
    """One event that is to change one document."""

    address: Address
    projection: Projection[Any]
    recorded: Recorded


Documents = Mapping[Address, Stored[Any]]

_NOTHING: Stored[Any] = Stored()


class Folding:
    """Projections by the events they fold."""

    def __init__(self, projections: Iterable[Projection[Any]]) -> None:
        self._by_event: dict[type[Event], list[Projection[Any]]] = {}
        for projection in projections:
            for kind in projection.keys:
                self._by_event.setdefault(kind, []).append(projection)

    @property
    def events(self) -> Sequence[type[Event]]:
        """What is folded at all."""
        return tuple(self._by_event)

    def steps(self, recorded: Iterable[Recorded]) -> list[Step]:
        """Which documents these events change, in the order of the log."""
        return [
            Step(_address(projection, one), projection, one)
            for one in recorded
            for projection in self._by_event.get(type(one.event), ())
        ]


def _address(projection: Projection[Any], recorded: Recorded) -> Address:
    event = recorded.event
    key = projection.keys[type(event)](event)
    return Address(projection.model.name, projection.organization(recorded), key)


def fold_batch(stream: str, steps: Iterable[Step], stored: Documents) -> dict[Address, Write[Any]]:
    """The writes that take the stored documents to where these steps lead.

    A step at or below a document's stored position in this stream changes nothing. A document
    that is taken away stays as a trace, which keeps its position.
    """
    now: dict[Address, Stored[Any]] = {}
    models: dict[Address, ReadModel[Any]] = {}
    for step in steps:
        address, sequence = step.address, step.recorded.position.sequence
        before = stored.get(address, _NOTHING)
        if sequence <= before.positions.get(stream, 0):
            continue
        current = now.get(address, before)
        document = step.projection.project(current.document, step.recorded)
        now[address] = Stored(document, {**current.positions, stream: sequence})
        models[address] = step.projection.model
    return {
        address: Write(
            model=models[address],
            organization=address.organization,
            key=address.key,
            document=after.document,
            before=stored.get(address, _NOTHING).positions,
            after=after.positions,
        )
        for address, after in now.items()
    }


def applied(stored: Documents, writes: Mapping[Address, Write[Any]]) -> dict[Address, Stored[Any]]:
    """The documents after these writes."""
    after = {address: Stored(write.document, write.after) for address, write in writes.items()}
    return {**stored, **after}
