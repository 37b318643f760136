"""Shows what was measured: one table for people, or JSON for machines."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.table import Table

from bench.measuring import Line

HEADINGS = ("ours", "bare", "ratio", "target")
_MARKS = {True: "[green]ok[/]", False: "[red]missed[/]", None: ""}


def table(lines: Iterable[Line], left_out: Iterable[tuple[str, str]]) -> Table:
    """One row per value; `left_out` are measurements this machine cannot make, and why."""
    drawn = Table(title="Switchboard beside bare scripts", box=SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("what")
    for heading in HEADINGS:
        drawn.add_column(heading, justify="right")
    drawn.add_column("")
    for line in lines:
        bare = "" if line.bare is None else _number(line.bare)
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        ours = f"{_number(line.ours)} {line.unit}"
        drawn.add_row(line.what, ours, bare, ratio, _target(line), _MARKS[line.reached])
    for name, why in left_out:
        drawn.add_row(name, "", "", "", "", f"not measured: {why}")
    return drawn


def as_json(lines: Sequence[Line], left_out: Sequence[tuple[str, str]]) -> str:
    """The same for machines."""
    measured = [asdict(line) | {"reached": line.reached} for line in lines]
    return json.dumps({"measured": measured, "left_out": dict(left_out)}, indent=2)


def _target(line: Line) -> str:
    if line.least_ratio is not None:
        return f">= {line.least_ratio:.2f}"
    return "" if line.most is None else f"<= {line.most:g} {line.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
