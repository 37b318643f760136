"""Seat hours: for how long desks were sat at, and agents sat, between two days."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from services.portal.answers import page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import supervisors
from services.portal.resources.sessions import Seat, SeatHours
from services.portal.visits import Visit

DAYS = 7
MOST_BARS = 12
PAGE = 50

Text = Annotated[str, QueryParameter(max_length=40)]
Start = Annotated[int, QueryParameter(ge=0, le=10_000_000)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart. `share` is its length in percent of the longest one."""

    name: str
    hours: float
    share: float


class SeatHoursController(Controller):
    """How much the desks are used."""

    path = "/seat-hours"
    guards = (supervisors,)

    @get()
    async def show(
        self,
        visit: NamedDependency[Visit],
        since: Text = "",
        until: Text = "",
        by: Text = "desk",
        start: Start = 0,
    ) -> Response[Any]:
        """Hours per desk or agent, both days included, as a chart and as a table."""
        today = datetime.now(UTC).date()
        first = since or (today - timedelta(days=DAYS - 1)).isoformat()
        last = until or today.isoformat()
        form = Form(values={"since": first, "until": last})
        status, seats = 200, SeatHours([])
        query = {"since": _begin(first), "until": _begin(last, timedelta(days=1))}
        try:
            seats = await visit.get(SESSIONS, "seat-hours", SeatHours, **query)
        except Declined as declined:
            status, form = declined.status, form.wrong(declined)
        ordered = sorted(seats.items, key=lambda seat: -seat.hours)
        name = _agent if by == "agent" else _desk
        return page(
            visit,
            "seat_hours.html.j2",
            status=status,
            form=form,
            by="agent" if by == "agent" else "desk",
            bars=bars(ordered, name),
            total=sum(seat.hours for seat in ordered),
            seats=ordered[start : start + PAGE],
            later=start + PAGE if len(ordered) > start + PAGE else 0,
            earlier=max(start - PAGE, 0),
            start=start,
        )


def bars(seats: Iterable[Seat], name: Callable[[Seat], str]) -> list[Bar]:
    """The longest bars, as many as fit into a chart."""
    sums: defaultdict[str, float] = defaultdict(float)
    for seat in seats:
        sums[name(seat)] += seat.hours
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_BARS]
    longest = max((hours for _, hours in ordered), default=0.0) or 1.0
    return [Bar(one, hours, round(100 * hours / longest, 2)) for one, hours in ordered]


def _desk(seat: Seat) -> str:
    return seat.desk or seat.desk_id


def _agent(seat: Seat) -> str:
    return seat.user_id


def _begin(typed: str, later: timedelta = timedelta()) -> str:
    """The first moment of a day; what is none is left to the service to refuse."""
    try:
        day = date.fromisoformat(typed)
        return datetime.combine(day + later, time(), UTC).isoformat()
    except (ValueError, OverflowError):
        return typed
