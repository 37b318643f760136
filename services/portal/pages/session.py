"""What the script of a page needs of one's own session: it says that the person is still there."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from services.portal.calls import SESSIONS
from services.portal.guards import signed_in
from services.portal.resources.sessions import Session
from services.portal.visits import Visit


class SessionController(Controller):
    """For scripts: answers are JSON, errors problem documents. The cookie says whose it is.

    Changes need the page's form token in `X-Form-Token`.
    """

    path = "/session"
    guards = (signed_in,)

    @get()
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """One's own session, without tokens."""
        session = await visit.get(SESSIONS, "session", Session)
        return Response(msgspec.to_builtins(session))

    @post("/beat", status_code=204)
    async def beat(self, visit: NamedDependency[Visit]) -> None:
        """Say that the browser is there. 401 tells why a session is over."""
        await visit.tell("PUT", SESSIONS, "session/heartbeat")

    @post("/sign-out", status_code=204)
    async def sign_out(self, visit: NamedDependency[Visit]) -> None:
        """Sign out by a script."""
        await visit.tell("POST", SESSIONS, "sign-out")
        await visit.leave()
