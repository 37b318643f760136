"""The floor: hot desks that agents may take, free or taken as they are at this moment."""

import asyncio
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent

from chassis.observing.health import Health
from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.guards import agents
from services.portal.live import pushed
from services.portal.rendering import Templates
from services.portal.resources import Listed
from services.portal.resources.sessions import FloorDesk, Session
from services.portal.visits import Visit

PAGE = 100
LOOK_SECONDS = 2.0

Text = Annotated[str, QueryParameter(max_length=2000)]


class FloorController(Controller):
    """Where an agent can sit."""

    path = "/floor"
    guards = (agents,)

    @get()
    async def show(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """The hot desks by name."""
        return await _shown(visit, cursor)

    @get("/live")
    async def live(
        self, visit: NamedDependency[Visit], health: NamedDependency[Health], cursor: Text = ""
    ) -> ServerSentEvent:
        """The same, and again whenever somebody has come or gone."""

        async def fragment() -> str:
            said = await _floor(visit, cursor)
            return Templates.render("floor_desks.html.j2", visit.language, visit=visit, **said)

        return pushed(health, fragment, seconds=LOOK_SECONDS)

    @post("/{desk_id:str}/take")
    async def take(self, desk_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """Sit down at a desk, and leave the one before."""
        try:
            body = {"desk_id": desk_id}
            await visit.tell("PUT", SESSIONS, "session/desk", body)
        except Declined as declined:
            return await _shown(visit, trouble=declined.detail, status=declined.status)
        return go(visit, "/my-session", visit.say("The desk is yours, and so is its phone."))


async def _floor(visit: Visit, cursor: str) -> dict[str, Any]:
    session, desks = await asyncio.gather(
        visit.get(SESSIONS, "session", Session),
        visit.get(SESSIONS, "desks", Listed[FloorDesk], limit=PAGE, cursor=cursor),
    )
    mine = session.desk.id if session.desk else ""
    hot = [one for one in desks.items if one.hot_desk]
    free = sum(1 for one in hot if not one.taken and one.id != mine)
    return {"desks": desks, "hot": hot, "free": free, "mine": mine}


async def _shown(
    visit: Visit, cursor: str = "", *, trouble: str = "", status: int = 200
) -> Response[Any]:
    said = await _floor(visit, cursor)
    return page(visit, "floor.html.j2", status=status, cursor=cursor, trouble=trouble, **said)
