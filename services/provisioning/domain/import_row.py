"""Import row: one line of a file, carried out as a whole or not at all, once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chassis.decider import Decider
from schemas.imports import ImportRowApplied, ImportRowRefused, ImportRowUndone, RowProblem

ImportRowEvent = ImportRowApplied | ImportRowRefused | ImportRowUndone
Kept = Literal["contact", "sip_account"]


@dataclass(frozen=True, slots=True)
class ApplyRow:
    """Note what a row made."""

    applied: ImportRowApplied


@dataclass(frozen=True, slots=True)
class RefuseRow:
    """Note why a row made nothing."""

    import_row_id: str
    import_id: str
    row: int
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class UndoRow:
    """Note that what a row made was removed, but for what is needed elsewhere."""

    kept: tuple[Kept, ...] = ()


ImportRowCommand = ApplyRow | RefuseRow | UndoRow


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What became of a row."""

    applied: ImportRowApplied | None
    undone: bool = False


def decide(command: ImportRowCommand, state: ImportRow | None) -> Sequence[ImportRowEvent]:
    """What follows from a command."""
    match command:
        case ApplyRow(applied) if state is None:
            return [applied]
        case RefuseRow() if state is None:
            refused = ImportRowRefused(
                import_row_id=command.import_row_id,
                import_id=command.import_id,
                row=command.row,
                problems=command.problems,
            )
            return [refused]
        case UndoRow(kept) if state and state.applied and not state.undone:
            undone = ImportRowUndone(
                import_row_id=state.applied.import_row_id,
                import_id=state.applied.import_id,
                row=state.applied.row,
                kept=kept,
            )
            return [undone]
    return []


def evolve(state: ImportRow | None, event: ImportRowEvent) -> ImportRow | None:
    """What a fact changes."""
    match event:
        case ImportRowApplied():
            return ImportRow(event)
        case ImportRowRefused():
            return ImportRow(None)
        case ImportRowUndone():
            return state and replace(state, undone=True)


import_row: Decider[ImportRowCommand, ImportRow | None, ImportRowEvent] = Decider(
    None, decide, evolve
)
