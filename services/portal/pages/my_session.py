"""An agent's own session: where one sits, whether calls may come, how it stands."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent

from chassis.observing.health import Health
from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import agents
from services.portal.live import pushed
from services.portal.rendering import Templates
from services.portal.resources.sessions import Session
from services.portal.visits import Visit

LOOK_SECONDS = 3.0
"""Every agent has this page open all day."""


class MySessionController(Controller):
    """One's own session."""

    path = "/my-session"
    guards = (agents,)

    @get()
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The session. Whoever loads the page is there, also without scripts."""
        await visit.tell("PUT", SESSIONS, "session/heartbeat")
        return await _shown(visit, Form())

    @get("/live")
    async def live(
        self, visit: NamedDependency[Visit], health: NamedDependency[Health]
    ) -> ServerSentEvent:
        """Desk and calls, and again whenever they have changed."""

        async def fragment() -> str:
            session = await visit.get(SESSIONS, "session", Session)
            said = {"visit": visit, "session": session}
            return Templates.render("my_session_now.html.j2", visit.language, **said)

        return pushed(health, fragment, seconds=LOOK_SECONDS)

    @post("/acd-state")
    async def set_acd_state(
        self, request: Request[Any, Any, Any], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Say whether calls may come."""
        form = await Form.of(request)
        try:
            await visit.tell("PUT", SESSIONS, "session/acd-state", acd_state(form))
        except Declined as declined:
            return await _shown(visit, form.wrong(declined), declined.status)
        return go(visit, "/my-session")

    @post("/desk/leave")
    async def leave_desk(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Leave the desk and stay signed in."""
        await visit.tell("DELETE", SESSIONS, "session/desk")
        return go(visit, "/my-session", visit.say("You have left the desk. It is free for others."))


def acd_state(form: Form) -> dict[str, str]:
    """What a form says of calls. A reason belongs to who is not available."""
    state = form.text("state")
    return form.body("state", "reason") if state == "unavailable" else {"state": state}


async def _shown(visit: Visit, form: Form, status: int = 200) -> Response[Any]:
    session = await visit.get(SESSIONS, "session", Session)
    return page(visit, "my_session.html.j2", status=status, form=form, session=session)
