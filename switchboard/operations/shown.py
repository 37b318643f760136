"""What a command shows: tables or JSON on standard output, progress on standard error."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from switchboard.operations.plain import plain

Row: TypeAlias = dict[str, Any]

ALL_WELL, FAILED, WRONG = 0, 1, 3
"""Exit codes: done; not done; done, and something is wrong. Typer's own 2 is a misspelt command."""


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")


@dataclass(frozen=True)
class Shown:
    """Where a command's words go. With `as_json` rows are lines of JSON, without prose."""

    as_json: bool = False
    out: Console = field(default_factory=Console)
    err: Console = field(default_factory=lambda: Console(stderr=True))

    def rows(self, heads: Sequence[str], rows: Sequence[Row]) -> None:
        """A list: these columns of each row, or with JSON all of it."""
        if self.as_json:
            for row in rows:
                self.row(row)
            return
        # No table of rich's: it would cut names that are to be copied.
        lines = [list(heads), *([_cell(row.get(head)) for head in heads] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            self.line("  ".join(padded).rstrip())

    def row(self, row: Row) -> None:
        """One line of JSON."""
        self.out.print(
            json.dumps(plain(row), ensure_ascii=False),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )

    def line(self, text: str) -> None:
        """One line for a person, of a list that may be long."""
        if not self.as_json:
            self.out.print(text, markup=False, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A sentence for a person; with JSON it goes to standard error."""
        console = self.err if self.as_json else self.out
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Bars with rate and time left, on standard error."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns,
            _Rate(),
            TimeRemainingColumn(),
            console=self.err,
            transient=True,
            disable=not self.err.is_terminal,
        ) as progress:
            yield progress


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    return msgspec.json.encode(plain(value)).decode()
