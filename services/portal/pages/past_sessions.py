"""History: who sat at a desk at a moment, and sessions that are over."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from services.portal.answers import page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import supervisors
from services.portal.resources import Listed
from services.portal.resources.sessions import FloorDesk, Guest, PastSession
from services.portal.visits import Visit

PAGE = 50
MOST_CHOICES = 50

Text = Annotated[str, QueryParameter(max_length=2000)]


class PastSessionsController(Controller):
    """The past of the floor."""

    path = "/history"
    guards = (supervisors,)

    @get()
    async def show(
        self,
        visit: NamedDependency[Visit],
        desk: Text = "",
        at: Text = "",
        find: Text = "",
        search: Text = "",
        cursor: Text = "",
        user_id: Text = "",
        since: Text = "",
        until: Text = "",
    ) -> Response[Any]:
        """Who sat at `desk` at the moment `at`, if that is asked, and past sessions; in UTC.

        `find` is how the name of the desk begins, `search` that only this is asked. `user_id`,
        `since` and `until` choose sessions.
        """
        now = datetime.now(UTC)
        chosen = {"user_id": user_id, "since": since, "until": until}
        form = Form(values={"desk": desk, "at": at or f"{now:%Y-%m-%dT%H:%M}", **chosen})
        guest, nobody = None, ""
        if desk and not search:
            try:
                guest = await visit.get(SESSIONS, f"desks/{desk}/guest", Guest, at=f"{at}:00Z")
            except Declined as declined:
                if declined.status == 404:
                    nobody = declined.detail
                else:
                    form = form.wrong(declined)
        desks = await visit.get(SESSIONS, "desks", Listed[FloorDesk], limit=MOST_CHOICES, q=find)
        past: Listed[PastSession] = Listed()
        try:
            past = await _past(visit, cursor, user_id, since, until)
        except Declined as declined:
            form = form.wrong(_of_field(declined))
        return page(
            visit,
            "past_sessions.html.j2",
            form=form,
            desks=desks,
            guest=guest,
            nobody=nobody,
            past=past,
            cursor=cursor,
            find=find,
            query=urlencode({name: one for name, one in chosen.items() if one}),
        )


async def _past(
    visit: Visit, cursor: str, user_id: str, since: str, until: str
) -> Listed[PastSession]:
    return await visit.get(
        SESSIONS,
        "sessions/history",
        Listed[PastSession],
        limit=PAGE,
        cursor=cursor,
        user_id=user_id,
        since=_zoned(since),
        until=_zoned(until),
    )


def _zoned(typed: str) -> str:
    """As a field for date and time holds it, which says no zone."""
    return f"{typed}:00Z" if len(typed) == len("2026-01-31T08:00") else typed


def _of_field(declined: Declined) -> Declined:
    """That there is no such user stands beside the field in which one was typed."""
    if declined.status != 404:
        return declined
    return replace(declined, problems={"user_id": declined.detail})
