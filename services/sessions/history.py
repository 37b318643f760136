"""Questions to the past, answered from what the log was folded into."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from chassis.cause import Clock
from chassis.read_models import Bounds, ReadModel, ReadModelStore
from services.sessions.associations import ASSOCIATIONS, AssociationView
from services.sessions.domain.simulation import Outcome, PastSession, Silence, simulate
from services.sessions.projections import SESSIONS, SessionView

D = TypeVar("D")

PART = 1000
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class History:
    """Who sat where, for how long, and what another policy would have changed."""

    read_models: ReadModelStore
    clock: Clock

    async def guest(self, organization: str, desk_id: str, at: datetime) -> AssociationView | None:
        """Who sat at a desk at a moment."""
        bounds = Bounds(equals=(desk_id,), high=at + _MOMENT, descending=True)
        page = await self.read_models.find(ASSOCIATIONS, organization, "by_desk", bounds, limit=1)
        for last in page.items:
            if last.ended_at is None or last.ended_at > at:
                return last
        return None

    async def seat_hours(
        self, organization: str, start: datetime, end: datetime
    ) -> dict[tuple[str, str], float]:
        """Hours per desk and user between two moments."""
        hours: defaultdict[tuple[str, str], float] = defaultdict(float)
        now = self.clock()
        # Who sits there now has no end yet; whoever left before the start is not looked at.
        for index, bounds in (
            ("by_going_on", Bounds(equals=(True,), high=end)),
            ("by_end", Bounds(equals=(False,), low=start)),
        ):
            async for part in self._parts(ASSOCIATIONS, organization, index, bounds):
                for one in part:
                    length = min(one.ended_at or now, end) - max(one.started_at, start)
                    if length > timedelta():
                        hours[one.desk_id, one.user_id] += length / timedelta(hours=1)
        return dict(hours)

    async def simulation(
        self,
        organization: str,
        start: datetime,
        end: datetime,
        grace: timedelta,
        longest: timedelta | None,
    ) -> Outcome:
        """What another grace time and limit would have done to the sessions begun in between."""
        begun, now, outcome = Bounds(low=start, high=end), self.clock(), Outcome()
        async for part in self._parts(SESSIONS, organization, "by_start", begun):
            outcome += simulate(map(_past, part), grace, longest, now)
        return outcome

    async def _parts(
        self, model: ReadModel[D], organization: str, index: str, bounds: Bounds
    ) -> AsyncIterator[list[D]]:
        # In parts that take milliseconds: meanwhile this process has others to answer.
        cursor = None
        while True:
            page = await self.read_models.find(
                model, organization, index, bounds, cursor=cursor, limit=PART
            )
            yield page.items
            if (cursor := page.next) is None:
                return


def _past(view: SessionView) -> PastSession:
    return PastSession(
        view.id,
        view.signed_in_at,
        view.ended_at,
        view.session.stay_signed_in,
        tuple(Silence(loss.at, loss.until) for loss in view.losses),
        view.session.ended == "grace_over",
    )
