"""Read models of the toy notes: one document per note, and one per organization."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.event_store import Aggregate, History, Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel, ReadModelStore
from chassis.testing.notes import NoteErased, NoteWritten, change, note
from schemas.envelope import Envelope
from schemas.event import Event


@dataclass(frozen=True)
class NotePage:
    """The lines of a note in the order they were written."""

    lines: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True)
class Shelf:
    """Every line of an organization, so that a change of the order between notes shows."""

    lines: tuple[str, ...] = ()


PAGES = ReadModel("note_pages_v1", NotePage, (Index("by_version", ("version",)),))
SHELVES = ReadModel("note_shelves_v1", Shelf)


def project_page(page: NotePage | None, recorded: Recorded) -> NotePage | None:
    """Add a line; an erased note is gone."""
    match recorded.event:
        case NoteWritten(text=text):
            page = page or NotePage()
            return replace(page, lines=(*page.lines, text), version=recorded.envelope.version)
        case _:
            return None


def project_shelf(shelf: Shelf | None, recorded: Recorded) -> Shelf | None:
    """Add a line."""
    assert isinstance(recorded.event, NoteWritten)
    return Shelf((*(shelf.lines if shelf else ()), recorded.event.text))


def _note_id(event: NoteWritten | NoteErased) -> str:
    return event.note_id


note_projections: Sequence[Projection[Any]] = (
    Projection(PAGES, {NoteWritten: _note_id, NoteErased: _note_id}, project_page),
    Projection(SHELVES, {NoteWritten: lambda _: "all"}, project_shelf),
)


class NoteBook:
    """Writes events of notes, each with the version that comes next."""

    def __init__(self) -> None:
        self._versions: dict[Aggregate, int] = {}

    def write(self, organization: str, name: str, text: str) -> Envelope:
        """A line."""
        return self._next(note(organization, name), NoteWritten(note_id=name, text=text))

    def erase(self, organization: str, name: str) -> Envelope:
        """The end of a note."""
        return self._next(note(organization, name), NoteErased(note_id=name))

    def _next(self, aggregate: Aggregate, event: Event) -> Envelope:
        self._versions[aggregate] = self._versions.get(aggregate, 0) + 1
        envelope = change(History(aggregate), event).envelopes[0]
        return envelope.model_copy(update={"version": self._versions[aggregate]})


async def shown(read_models: ReadModelStore, organization: str, *names: str) -> dict[str, Any]:
    """What readers see of these notes, and the shelf."""
    found: dict[str, Any] = {}
    for name in names:
        found[name] = await read_models.get(PAGES, organization, name)
    found["shelf"] = await read_models.get(SHELVES, organization, "all")
    return found
