"""A toy aggregate for tests of the machinery: notes that are written, and erased."""

from datetime import UTC, datetime

from chassis.cause import derived_id
from chassis.event_store import Aggregate, Change, History
from schemas.envelope import Envelope, schema_uri
from schemas.event import Event

SERVICE = "provisioning"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class NoteWritten(Event, name="notes.v1.NoteWritten", aggregate="note"):
    """A line was added to the note."""

    note_id: str
    text: str


class NoteErased(Event, name="notes.v1.NoteErased", aggregate="note", erases=True):
    """What was written before may be missing from the log."""

    note_id: str


def note(organization: str, name: str = "shopping") -> Aggregate:
    """The aggregate."""
    return Aggregate(SERVICE, organization, "note", name)


def writing(history: History, *texts: str) -> Change:
    """Lines to add to a note as it was loaded."""
    return change(history, *(NoteWritten(note_id=history.aggregate.id, text=t) for t in texts))


def change(history: History, *events: Event) -> Change:
    """Events to append to a note as it was loaded."""
    versions = enumerate(events, history.version + 1)
    return Change(history, [_envelope(history.aggregate, v, event) for v, event in versions])


def texts(history: History) -> list[str]:
    """The lines of a note."""
    return [event.text for event in history.events if isinstance(event, NoteWritten)]


def _envelope(aggregate: Aggregate, version: int, event: Event) -> Envelope:
    data = event.model_dump(mode="json")
    return Envelope(
        id=derived_id(aggregate.prefix, str(version), str(data)),
        source=f"/switchboard/{aggregate.service}",
        type=event.wire_name,
        subject=f"{aggregate.kind}/{aggregate.id}",
        time=NOON,
        dataschema=schema_uri(event.wire_name),
        organization=aggregate.organization,
        version=version,
        correlationid="request-1",
        causationid="command-1",
        actor="ada",
        data=data,
    )
