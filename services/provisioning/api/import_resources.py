"""Imports as HTTP shows them."""

from datetime import datetime

from pydantic import BaseModel

from schemas.fields import Id
from schemas.imports import RowProblem
from services.provisioning.importing.draft import Draft
from services.provisioning.projections import ImportRowView, ImportView
from services.provisioning.views.imports import ImportState, RowState


class RowResource(BaseModel):
    """What became of a row. Row 1 stands under the header."""

    row: int
    state: RowState
    contact_id: Id | None = None
    sip_account_id: Id | None = None
    device_id: Id | None = None
    problems: tuple[RowProblem, ...] = ()
    kept: tuple[str, ...] = ()


class ImportResource(BaseModel):
    """How far an import has come."""

    id: Id
    state: ImportState
    rows: int
    applied: int = 0
    refused: int = 0
    undone: int = 0
    created_at: datetime | None = None


class ImportDetails(ImportResource):
    """The same with a page of its rows; pass `next` as `cursor` to get the following one."""

    items: list[RowResource]
    next: str | None


class CheckedRow(BaseModel):
    """Why a row would be refused."""

    row: int
    problems: tuple[RowProblem, ...]


class CheckResource(BaseModel):
    """What an import would do. Only rows with problems are listed."""

    dry_run: bool = True
    rows: int
    valid: int
    refused: int
    items: list[CheckedRow]


def render(view: ImportView) -> ImportResource:
    """Show an import."""
    return ImportResource(
        id=view.id,
        state=view.state,
        rows=view.rows,
        applied=view.applied,
        refused=view.refused,
        undone=view.undone,
        created_at=view.created_at,
    )


def render_row(view: ImportRowView) -> RowResource:
    """Show a row."""
    return RowResource(
        row=view.row,
        state=view.state,
        contact_id=view.contact_id,
        sip_account_id=view.sip_account_id,
        device_id=view.device_id,
        problems=view.problems,
        kept=view.kept,
    )


def render_check(drafts: list[Draft]) -> CheckResource:
    """Show what would be refused."""
    wrong = [CheckedRow(row=one.row, problems=one.problems) for one in drafts if one.problems]
    return CheckResource(
        rows=len(drafts), valid=len(drafts) - len(wrong), refused=len(wrong), items=wrong
    )
