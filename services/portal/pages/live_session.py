"""What somebody in charge can do about the session of somebody else."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import supervisors
from services.portal.pages.my_session import acd_state
from services.portal.resources.sessions import LiveSession
from services.portal.visits import Visit

Text = Annotated[str, QueryParameter(max_length=2000)]


class LiveSessionController(Controller):
    """A session of the board."""

    path = "/board/{session_id:str}"
    guards = (supervisors,)

    @get()
    async def show(
        self, session_id: FromPath[str], visit: NamedDependency[Visit], cursor: Text = ""
    ) -> Response[Any]:
        """Who it is, and what can be done. `cursor` is the page of the board it stands on."""
        return await _shown(visit, session_id, cursor, Form())

    @post("/acd-state")
    async def set_acd_state(
        self,
        session_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
    ) -> Response[Any]:
        """Set whether an agent takes calls."""
        form = await Form.of(request)
        cursor = form.text("cursor")
        try:
            body = acd_state(form)
            await visit.tell("PUT", SESSIONS, f"sessions/{session_id}/acd-state", body)
        except Declined as declined:
            wrong = form.wrong(declined)
            return await _shown(visit, session_id, cursor, wrong, declined.status)
        return go(visit, "/board", visit.say("The state is set."))

    @post("/sign-out")
    async def sign_out(
        self,
        session_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
    ) -> Response[Any]:
        """Sign somebody out."""
        form = await Form.of(request)
        try:
            await visit.tell("DELETE", SESSIONS, f"sessions/{session_id}")
        except Declined as declined:
            wrong, cursor = form.wrong(declined), form.text("cursor")
            return await _shown(visit, session_id, cursor, wrong, declined.status)
        return go(visit, "/board", visit.say("The session is over, and its page says so."))


async def _shown(
    visit: Visit, session_id: str, cursor: str, form: Form, status: int = 200
) -> Response[Any]:
    try:
        found = await visit.get(SESSIONS, f"sessions/{session_id}", LiveSession)
    except Declined as declined:
        if declined.status != 404:
            raise
        return go(visit, "/board", visit.say("This session is over."))
    return page(
        visit, "live_session.html.j2", status=status, form=form, session=found, cursor=cursor
    )
