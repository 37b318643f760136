"""History: who sat at a desk at a moment, and sessions that are over."""

from datetime import UTC, datetime
from typing import Annotated, Any

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
MOST_DESKS = 200

Text = Annotated[str, QueryParameter(max_length=2000)]


class PastSessionsController(Controller):
    """The past of the floor."""

    path = "/history"
    guards = (supervisors,)

    @get()
    async def show(
        self, visit: NamedDependency[Visit], desk: Text = "", at: Text = "", cursor: Text = ""
    ) -> Response[Any]:
        """Who sat at `desk` at the moment `at`, in UTC, if that is asked, and past sessions."""
        now = datetime.now(UTC)
        form = Form(values={"desk": desk, "at": at or f"{now:%Y-%m-%dT%H:%M}"})
        guest, nobody = None, ""
        if desk:
            try:
                guest = await visit.get(SESSIONS, f"desks/{desk}/guest", Guest, at=f"{at}:00Z")
            except Declined as declined:
                if declined.status == 404:
                    nobody = declined.detail
                else:
                    form = form.wrong(declined)
        desks = await visit.get(SESSIONS, "desks", Listed[FloorDesk], limit=MOST_DESKS)
        past = await visit.get(
            SESSIONS, "sessions/history", Listed[PastSession], limit=PAGE, cursor=cursor
        )
        return page(
            visit,
            "past_sessions.html.j2",
            form=form,
            desks=desks,
            guest=guest,
            nobody=nobody,
            past=past,
            cursor=cursor,
        )
