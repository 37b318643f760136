"""Imports and their rows as lists show them. No cell of a file is kept here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.imports import (
    ImportFinished,
    ImportRowApplied,
    ImportRowRefused,
    ImportRowUndone,
    ImportStarted,
    ImportUndone,
    ImportUndoRequested,
    RowProblem,
)

ImportState = Literal["running", "finished", "undoing", "undone"]
RowState = Literal["applied", "refused", "undone"]


@dataclass(frozen=True)
class ImportView:
    """How far an import has come."""

    id: str
    version: int
    created_at: datetime
    rows: int
    state: ImportState = "running"
    applied: int = 0
    refused: int = 0
    undone: int = 0


@dataclass(frozen=True)
class ImportRowView:
    """What became of one row; `row` is its line in the file."""

    id: str
    import_id: str
    row: int
    state: RowState
    contact_id: str | None = None
    sip_account_id: str | None = None
    device_id: str | None = None
    problems: tuple[RowProblem, ...] = ()
    kept: tuple[str, ...] = ()


def project_import(view: ImportView | None, recorded: Recorded) -> ImportView | None:
    """Fold an import's events, and count its rows."""
    event, envelope = recorded.event, recorded.envelope
    if isinstance(event, ImportStarted):
        return ImportView(event.import_id, envelope.version, envelope.time, event.rows)
    if view is None:
        return None
    match event:
        case ImportRowApplied():
            return replace(view, applied=view.applied + 1)
        case ImportRowRefused():
            return replace(view, refused=view.refused + 1)
        case ImportRowUndone():
            return replace(view, undone=view.undone + 1)
    return replace(view, version=envelope.version, state=_STATES[type(event)])


_STATES: dict[type, ImportState] = {
    ImportFinished: "finished",
    ImportUndoRequested: "undoing",
    ImportUndone: "undone",
}


def project_row(view: ImportRowView | None, recorded: Recorded) -> ImportRowView | None:
    """Fold a row's events."""
    match recorded.event:
        case ImportRowApplied() as event:
            return ImportRowView(
                id=event.import_row_id,
                import_id=event.import_id,
                row=event.row,
                state="applied",
                contact_id=event.contact_id,
                sip_account_id=event.sip_account_id,
                device_id=event.device_id,
            )
        case ImportRowRefused() as event:
            return ImportRowView(
                event.import_row_id, event.import_id, event.row, "refused", problems=event.problems
            )
        case ImportRowUndone() as event:
            return view and replace(view, state="undone", kept=event.kept)
    return view


IMPORTS = ReadModel("imports_v1", ImportView, (Index("by_created", ("created_at",)),))
IMPORT_ROWS = ReadModel(
    "import_rows_v2",
    ImportRowView,
    (Index("by_import", ("import_id", "row")), Index("by_state", ("import_id", "state", "row"))),
)

_RowEvents = (ImportRowApplied, ImportRowRefused, ImportRowUndone)

import_projection = Projection(
    IMPORTS,
    {kind: lambda event: event.import_id for kind in (ImportStarted, *_STATES, *_RowEvents)},
    project_import,
)
row_projection = Projection(
    IMPORT_ROWS, {kind: lambda event: event.import_row_id for kind in _RowEvents}, project_row
)
