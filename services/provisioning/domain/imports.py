"""Import: a file's rows are worked through step by step, and can be undone step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chassis.decider import Decider, Refused, Unknown
from schemas.imports import (
    ImportAdvanced,
    ImportFinished,
    ImportStarted,
    ImportUndone,
    ImportUndoRequested,
)

ImportEvent = ImportStarted | ImportAdvanced | ImportFinished | ImportUndoRequested | ImportUndone
Phase = Literal["running", "finished", "undoing", "undone"]


class ImportStillRunning(Refused):
    """Rows are still being worked through."""

    def __init__(self) -> None:
        super().__init__("This import is still running. Undo it when it is finished.")


@dataclass(frozen=True, slots=True)
class StartImport:
    """Begin to work through rows that have been put away."""

    import_id: str
    rows: int


@dataclass(frozen=True, slots=True)
class AdvanceImport:
    """Note that `done` rows of this phase have been worked through."""

    import_id: str
    phase: Phase
    done: int


@dataclass(frozen=True, slots=True)
class UndoImport:
    """Remove what the import made."""

    import_id: str


ImportCommand = StartImport | AdvanceImport | UndoImport


@dataclass(frozen=True, slots=True)
class Import:
    """How far an import has come in its present phase."""

    rows: int
    phase: Phase = "running"
    done: int = 0


def decide(command: ImportCommand, state: Import | None) -> Sequence[ImportEvent]:
    """What follows from a command."""
    if isinstance(command, StartImport):
        if state is not None:
            return []
        return [ImportStarted(import_id=command.import_id, rows=command.rows)]
    if state is None:
        raise Unknown("There is no such import. Choose one of the list.")
    if isinstance(command, UndoImport):
        if state.phase == "running":
            raise ImportStillRunning
        undoing = state.phase in ("undoing", "undone")
        return [] if undoing else [ImportUndoRequested(import_id=command.import_id)]
    return _advance(command, state)


def _advance(command: AdvanceImport, state: Import) -> Sequence[ImportEvent]:
    import_id = command.import_id
    if command.phase != state.phase or command.done <= state.done:
        return []
    if command.done < state.rows:
        return [ImportAdvanced(import_id=import_id, done=command.done)]
    if state.phase == "running":
        return [ImportFinished(import_id=import_id)]
    return [ImportUndone(import_id=import_id)]


def evolve(state: Import | None, event: ImportEvent) -> Import | None:
    """What a fact changes."""
    match event:
        case ImportStarted():
            return Import(event.rows)
        case ImportAdvanced():
            return state and replace(state, done=event.done)
        case ImportFinished():
            return state and replace(state, phase="finished", done=state.rows)
        case ImportUndoRequested():
            return state and replace(state, phase="undoing", done=0)
        case ImportUndone():
            return state and replace(state, phase="undone", done=state.rows)


file_import: Decider[ImportCommand, Import | None, ImportEvent] = Decider(None, decide, evolve)
