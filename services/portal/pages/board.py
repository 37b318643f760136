"""The live board: who is signed in, where, and whether they take calls."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent

from chassis.observing.health import Health
from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.guards import supervisors
from services.portal.live import pushed
from services.portal.rendering import Templates
from services.portal.resources import Listed
from services.portal.resources.sessions import LiveSession, SignedOutCount
from services.portal.visits import Visit

PAGE = 100

Text = Annotated[str, QueryParameter(max_length=2000)]


class BoardController(Controller):
    """Everybody who is signed in."""

    path = "/board"
    guards = (supervisors,)

    @get()
    async def show(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """Who is signed in, newest first."""
        return page(visit, "board.html.j2", **await _board(visit, cursor))

    @get("/live")
    async def live(
        self, visit: NamedDependency[Visit], health: NamedDependency[Health], cursor: Text = ""
    ) -> ServerSentEvent:
        """The same, and again whenever something has changed."""

        async def fragment() -> str:
            said = await _board(visit, cursor)
            return Templates.render("board_now.html.j2", visit.language, visit=visit, **said)

        return pushed(health, fragment)

    @post("/sign-all-out")
    async def sign_all_out(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Sign every agent out, and supervisors too if an administrator says so."""
        ended = await visit.do("DELETE", SESSIONS, "sessions", SignedOutCount)
        said = visit.say("People who were signed out: %(number)s") % {"number": ended.signed_out}
        return go(visit, "/board", said)


async def _board(visit: Visit, cursor: str) -> dict[str, Any]:
    sessions = await visit.get(SESSIONS, "sessions", Listed[LiveSession], limit=PAGE, cursor=cursor)
    return {"sessions": sessions, "cursor": cursor, "counts": _counts(sessions.items)}


def _counts(sessions: tuple[LiveSession, ...]) -> dict[str, int]:
    states = [one.acd_state.state for one in sessions if one.acd_state]
    return {
        "all": len(sessions),
        "available": states.count("available"),
        "wrap_up": states.count("wrap_up"),
        "unavailable": states.count("unavailable"),
        "lost": sum(1 for one in sessions if one.connection == "lost"),
    }
