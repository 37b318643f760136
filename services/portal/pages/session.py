"""What the page's script needs of one's own session: it says that the person is still there."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, put
from litestar.di import NamedDependency

from services.portal.calls import SESSIONS
from services.portal.guards import signed_in
from services.portal.resources.sessions import Session
from services.portal.visits import Visit


class SessionController(Controller):
    """For scripts: answers are JSON, errors problem documents. The cookie says whose it is."""

    path = "/session"
    guards = (signed_in,)

    @get()
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """One's own session, without tokens."""
        session = await visit.get(SESSIONS, "session", Session)
        return Response(msgspec.to_builtins(session))

    @put("/heartbeat", status_code=204)
    async def heartbeat(self, visit: NamedDependency[Visit]) -> None:
        """Say that the browser is there. Send the page's form token in `X-Form-Token`."""
        await visit.tell("PUT", SESSIONS, "session/heartbeat")
