"""HTTP for questions to the past: past sessions, seat hours, another policy tried on paper."""

from datetime import datetime, timedelta
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from pydantic import BaseModel, Field

from chassis.answers import Listed, listed
from chassis.auth import Principal, administrators, supervisors
from chassis.decider import Unknown
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from chassis.web.problems import problems
from schemas.fields import Id
from schemas.sessions import Hours, Role, SignOutReason
from services.sessions.api.moments import check, zoned
from services.sessions.api.policy import LONGEST_GRACE_SECONDS
from services.sessions.directory import Directory
from services.sessions.history import History
from services.sessions.names import Names
from services.sessions.projections import SESSIONS

Grace = Annotated[int | None, Field(ge=0, le=LONGEST_GRACE_SECONDS)]


class SeatHours(BaseModel):
    """How long somebody sat at a desk."""

    desk_id: Id
    desk: str
    user_id: str
    hours: float


class SeatHoursResource(BaseModel):
    """Seat hours per desk and agent."""

    items: list[SeatHours]


class SimulationResource(BaseModel):
    """What another policy would have done to the sessions of a time."""

    sessions: int
    ended_by_grace: int
    ended_by_limit: int
    unchanged: int
    kept_longer: int
    hours_before: float
    hours_after: float


class PastSessionResource(BaseModel):
    """A session that is over, and why."""

    session_id: Id
    user_id: str
    role: Role
    signed_in_at: datetime
    signed_out_at: datetime | None
    reason: SignOutReason | None
    by: str | None


class HistoryController(Controller):
    """The past."""

    path = "/api/v1"
    tags = ("history",)

    @get("/seat-hours", guards=[supervisors])
    async def seat_hours(
        self,
        since: FromQuery[datetime],
        until: FromQuery[datetime],
        principal: NamedDependency[Principal],
        history: NamedDependency[History],
        names: NamedDependency[Names],
    ) -> SeatHoursResource:
        """Add up for how long each agent sat at each desk between two moments."""
        check(since, until)
        organization = principal.organization
        hours = await history.seat_hours(organization, since, until)
        desks = await names.desks(organization, [desk_id for desk_id, _ in hours])
        users = await names.users(organization, [user_id for _, user_id in hours])
        items = [
            SeatHours(
                desk_id=desk_id,
                desk=desks.get(desk_id, ""),
                user_id=users.get(user_id, user_id),
                hours=round(length, 4),
            )
            for (desk_id, user_id), length in sorted(hours.items())
        ]
        return SeatHoursResource(items=items)

    @get("/sessions/history", guards=[supervisors], responses=problems(Unknown))
    async def sessions(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        names: NamedDependency[Names],
        directory: NamedDependency[Directory],
        user_id: FromQuery[Annotated[str | None, Field(max_length=320)]] = None,
        since: FromQuery[datetime | None] = None,
        until: FromQuery[datetime | None] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[PastSessionResource]:
        """List the sessions that are over, the last to begin first: all, or of a user or a time."""
        organization = principal.organization
        low, high = zoned("since", since), zoned("until", until)
        whose = (await directory.user(organization, user_id)).user_id if user_id else None
        page = await read_models.find(
            SESSIONS,
            organization,
            "by_user" if whose else "by_time",
            Bounds((whose, False) if whose else (False,), low, high, descending=True),
            cursor=cursor,
            limit=limit,
        )
        people = [one for view in page.items for one in (view.user_id, view.by) if one]
        users = await names.users(organization, people)
        return listed(
            page,
            lambda view: PastSessionResource(
                session_id=view.id,
                user_id=users.get(view.user_id, view.user_id),
                role=view.session.role,
                signed_in_at=view.signed_in_at,
                signed_out_at=view.ended_at,
                reason=view.session.ended,
                by=users.get(view.by, view.by) if view.by else None,
            ),
        )

    @get("/sign-in-policy/simulation", guards=[administrators])
    async def simulation(
        self,
        since: FromQuery[datetime],
        until: FromQuery[datetime],
        principal: NamedDependency[Principal],
        history: NamedDependency[History],
        directory: NamedDependency[Directory],
        grace_seconds: FromQuery[Grace] = None,
        max_session_hours: FromQuery[Hours | None] = None,
    ) -> SimulationResource:
        """Say what another grace time or limit would have done to the sessions begun in between."""
        check(since, until)
        here = await directory.organization(principal.organization)
        grace = here.policy.grace_seconds if grace_seconds is None else grace_seconds
        longest = timedelta(hours=max_session_hours) if max_session_hours else None
        outcome = await history.simulation(
            principal.organization, since, until, timedelta(seconds=grace), longest
        )
        return SimulationResource(
            sessions=outcome.sessions,
            ended_by_grace=outcome.ended_by_grace,
            ended_by_limit=outcome.ended_by_limit,
            unchanged=outcome.unchanged,
            kept_longer=outcome.kept_longer,
            hours_before=round(outcome.before / timedelta(hours=1), 4),
            hours_after=round(outcome.after / timedelta(hours=1), 4),
        )
