"""HTTP for one's own session, and for who is signed in."""

from datetime import datetime

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from pydantic import BaseModel

from chassis.answers import Listed, gone, listed
from chassis.auth import Principal, Unauthenticated, signed_in, supervisors
from chassis.command_handler import CommandHandler, Intent
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id
from schemas.sessions import Role
from services.sessions.api.sign_in import SessionResource, render
from services.sessions.domain.aggregates import session_of, user_of
from services.sessions.domain.session import SignOut, session
from services.sessions.domain.user import user
from services.sessions.projections import SESSIONS, USERS, SessionView, UserView
from services.sessions.settings import Settings


class LiveSessionResource(BaseModel):
    """A session, as a supervisor sees it."""

    session_id: Id
    user_id: str
    role: Role
    machine_id: str
    signed_in_at: datetime
    stay_signed_in: bool
    language: str


class SessionController(Controller):
    """Sessions."""

    path = "/api/v1"
    tags = ("session",)

    @get("/session", guards=[signed_in])
    async def show(
        self,
        principal: NamedDependency[Principal],
        commands: NamedDependency[CommandHandler],
        settings: NamedDependency[Settings],
    ) -> SessionResource:
        """Show one's own session."""
        aggregate = session_of(principal.organization, principal.session_id)
        found = await commands.look(aggregate, session)
        known = await commands.look(user_of(principal.organization, principal.user_id), user)
        if found.state is None or not found.state.live or known.state is None:
            raise Unauthenticated("The session is over. Sign in again.")
        return render(principal.session_id, known.state, found.state, settings)

    @post("/sign-out", status_code=204, guards=[signed_in])
    async def sign_out(
        self,
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[None]:
        """Sign out. The machine is free for another user."""
        aggregate = session_of(principal.organization, principal.session_id)
        command = SignOut(principal.session_id, "user")
        return gone(await commands.handle(edge.cause, Intent(aggregate, session, command)))

    @get("/sessions", guards=[supervisors])
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[LiveSessionResource]:
        """List who is signed in, newest first."""
        organization = principal.organization
        bounds = Bounds(equals=(True,), descending=True)
        page = await read_models.find(
            SESSIONS, organization, "by_time", bounds, cursor=cursor, limit=limit
        )
        people = await read_models.stored(USERS, [(organization, s.user_id) for s in page.items])
        names = {key: stored.document for (_, key), stored in people.items()}
        return listed(page, lambda view: _render(view, names.get(view.user_id)))


def _render(view: SessionView, known: UserView | None) -> LiveSessionResource:
    return LiveSessionResource(
        session_id=view.id,
        user_id=known.login_id if known else view.user_id,
        role=view.session.role,
        machine_id=view.session.machine,
        signed_in_at=view.signed_in_at,
        stay_signed_in=view.session.stay_signed_in,
        language=view.session.language,
    )
