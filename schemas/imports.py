"""Facts published by the provisioning service about imports: files of people, row by row."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.event import Event
from schemas.fields import Id, PlainText
from schemas.said import gaps

Gap = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class RowProblem(BaseModel):
    """Why a cell of an imported row cannot be accepted. The cell itself is never quoted.

    `template` is the message with gaps where it holds a limit or the like; `values` fills them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    column: Annotated[str, Field(max_length=100), PlainText]
    message: Annotated[str, Field(max_length=300), PlainText]
    template: Annotated[str, Field(max_length=300), PlainText] | None = None
    values: dict[Gap, Annotated[str, Field(max_length=200), PlainText]] | None = None

    @staticmethod
    def of(column: str, message: str) -> "RowProblem":
        """The problem of a column, in words that can be translated."""
        return RowProblem(column=column, message=message[:300], **gaps(message))


class ImportStarted(Event, name="provisioning.v1.ImportStarted", aggregate="import"):
    """A file was checked and put away; its rows are being worked through."""

    import_id: Id
    rows: Annotated[int, Field(ge=1)]


class ImportAdvanced(Event, name="provisioning.v1.ImportAdvanced", aggregate="import"):
    """So many rows have been worked through, or undone, and the next are begun."""

    import_id: Id
    done: Annotated[int, Field(ge=1)]


class ImportRowApplied(Event, name="provisioning.v1.ImportRowApplied", aggregate="import_row"):
    """A row of a file was carried out, and this is what it made."""

    import_row_id: Id
    import_id: Id
    row: Annotated[int, Field(ge=1)]
    contact_id: Id
    contact_added: bool
    sip_account_id: Id | None = None
    device_id: Id | None = None


class ImportRowRefused(Event, name="provisioning.v1.ImportRowRefused", aggregate="import_row"):
    """A row of a file was not carried out, and nothing of it was."""

    import_row_id: Id
    import_id: Id
    row: Annotated[int, Field(ge=1)]
    problems: tuple[RowProblem, ...]


class ImportFinished(Event, name="provisioning.v1.ImportFinished", aggregate="import"):
    """Every row of the file was applied or refused."""

    import_id: Id


class ImportUndoRequested(Event, name="provisioning.v1.ImportUndoRequested", aggregate="import"):
    """What the import made is being removed again."""

    import_id: Id


class ImportRowUndone(Event, name="provisioning.v1.ImportRowUndone", aggregate="import_row"):
    """What a row made was removed; `kept` names what is in use elsewhere and stays."""

    import_row_id: Id
    import_id: Id
    row: Annotated[int, Field(ge=1)]
    kept: tuple[Literal["contact", "sip_account"], ...] = ()


class ImportUndone(Event, name="provisioning.v1.ImportUndone", aggregate="import"):
    """Every row of the import was undone as far as it could be."""

    import_id: Id
