"""The CSV format of imports, read and written."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from chassis.decider import Invalid
from schemas.said import said

COLUMNS = (
    "first_name",
    "last_name",
    "email_work",
    "email_home",
    "language",
    "device_name",
    "provider",
    "sip_friendly_name",
    "sip_username",
    "sip_password",
    "protocol",
    "authorization_username",
    "display_name",
)
REQUIRED = ("first_name", "last_name")
MOST_ROWS = 10_000
LONGEST_CELL = 300
"""In characters: longer than anything that any column may hold."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIELD = "file"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number (1 stands under the header) and its cells, trimmed."""

    row: int
    cells: dict[str, str]
    surplus: bool = False

    def cell(self, column: str) -> str | None:
        """What stands in a column, None if nothing does."""
        return self.cells.get(column) or None


def read(content: bytes) -> list[Line]:
    """The rows of a file: UTF-8, with commas or semicolons. Raises `Invalid`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(_FIELD, "Save the file as UTF-8 and send it again.") from None
    if text[:4].lower() == "sep=":
        # A line of Excel's own, about the delimiter.
        text = text.partition("\n")[2]
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (ValueError, csv.Error):
        raise Invalid(
            _FIELD, said("Send a CSV file. Its first line names: %(columns)s.", columns=_names())
        ) from None
    columns = [name.strip().lower() for name in header]
    _check_header(columns)
    lines = [_line(number, columns, row) for number, row in enumerate(filter(any, rows), 1)]
    if not lines:
        raise Invalid(_FIELD, "The file has no rows under its first line. Add some.")
    if len(lines) > MOST_ROWS:
        raise Invalid(
            _FIELD, said("A file has %(number)s rows at most. Split it.", number=MOST_ROWS)
        )
    _check_lengths(lines)
    return lines


def _line(number: int, columns: list[str], row: list[str]) -> Line:
    cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
    return Line(number, cells, surplus=any(row[len(columns) :]))


def _check_header(columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    if missing:
        raise Invalid(
            _FIELD,
            said(
                "Add the column %(column)s. The first line names: %(columns)s.",
                column=missing[0],
                columns=_names(),
            ),
        )
    if unknown or len(set(columns)) < len(columns):
        raise Invalid(
            _FIELD,
            said("Name in the first line, each once, only: %(columns)s.", columns=_names()),
        )


def _check_lengths(lines: Iterable[Line]) -> None:
    for line in lines:
        for column, cell in line.cells.items():
            if len(cell) > LONGEST_CELL:
                raise Invalid(
                    _FIELD,
                    said(
                        "Shorten row %(row)s, column %(column)s: a cell has %(most)s characters "
                        "at most.",
                        row=line.row,
                        column=column,
                        most=LONGEST_CELL,
                    ),
                )


def _names() -> str:
    return ", ".join(COLUMNS)


def written(rows: Iterable[tuple[int, dict[str, str], str]]) -> str:
    """Rows (number, cells, reason) as CSV that no spreadsheet takes for formulas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["row", "reason", *COLUMNS])
    for number, cells, reason in rows:
        writer.writerow([number, reason, *(harmless(cells.get(name, "")) for name in COLUMNS)])
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that is shown as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
