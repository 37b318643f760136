"""`switchboard state` and `diff`: what something was like at a moment, and what has changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chassis.settings import WrongSettings
from switchboard.operations.aggregates import as_of, find
from switchboard.operations.lines import event_line, event_row
from switchboard.operations.operator import Operator
from switchboard.operations.plain import moment as written
from switchboard.operations.plain import plain
from switchboard.operations.shown import ALL_WELL


async def state(operator: Operator, kind: str, aggregate_id: str, at: datetime | None) -> int:
    """Show an aggregate as its service saw it. Raises `WrongSettings`."""
    aggregate = await find(operator, kind, aggregate_id)
    found = await as_of(operator, aggregate, at)
    if not found.history.version:
        raise WrongSettings(
            f"There was no {kind} {aggregate_id} at {written(at) if at else 'all'}."
        )
    last = found.history.recorded[-1]
    shown = {
        "organization": aggregate.organization,
        "version": found.history.version,
        "position": str(last.position),
        "changed": written(last.envelope.time),
        "state": plain(found.state),
    }
    if operator.shown.as_json:
        operator.shown.row(shown)
    else:
        operator.shown.out.print_json(data=shown)
    return ALL_WELL


async def diff(
    operator: Operator, kind: str, aggregate_id: str, begin: datetime, end: datetime | None
) -> int:
    """Show what became different between two moments, and through which events."""
    aggregate = await find(operator, kind, aggregate_id)
    before = await as_of(operator, aggregate, begin)
    after = await as_of(operator, aggregate, end)
    happened = after.history.recorded[len(before.history.recorded) :]
    changes = list(_changes("", plain(before.state), plain(after.state)))
    if operator.shown.as_json:
        events = [event_row(one) for one in happened]
        operator.shown.row({"changes": changes, "events": events})
        return ALL_WELL
    operator.shown.rows(("field", "before", "after"), changes)
    for recorded in happened:
        operator.shown.line(event_line(recorded))
    if not happened:
        operator.shown.say("Nothing happened to it in that time.")
    return ALL_WELL


def _changes(name: str, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if isinstance(before, dict | None) and isinstance(after, dict | None) and (before or after):
        left, right = before or {}, after or {}
        for key in {**left, **right}:
            yield from _changes(f"{name}.{key}".lstrip("."), left.get(key), right.get(key))
    elif before != after:
        yield {"field": name or "state", "before": before, "after": after}
