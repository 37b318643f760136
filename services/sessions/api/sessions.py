"""HTTP for supervisors: who is signed in, and signing others out."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Literal

from litestar import Controller, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel

from chassis.answers import Listed, changed, found, gone, listed
from chassis.auth import Principal, RoleNotAllowed, supervisors
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Unknown, present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id
from schemas.sessions import Role
from services.sessions.api.resources import AcdResource, SessionDesk, acd_of
from services.sessions.api.session import AcdBody
from services.sessions.domain.aggregates import session_of
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import ChangeAcdState, SessionCommand, SignOut
from services.sessions.domain.session_state import Acd, Session
from services.sessions.names import Names
from services.sessions.projections import SESSIONS, SessionView

PAGE = 200


class LiveSessionResource(BaseModel):
    """A session, as a supervisor sees it."""

    session_id: Id
    user_id: str
    role: Role
    machine_id: str
    signed_in_at: datetime
    stay_signed_in: bool
    connection: Literal["connected", "lost"]
    lost_since: datetime | None
    desk: SessionDesk | None
    acd_state: AcdResource | None
    acd_since: datetime | None
    language: str


class SignedOutResource(BaseModel):
    """How many sessions were ended."""

    signed_out: int


class SessionsController(Controller):
    """Sessions of the organization."""

    path = "/api/v1/sessions"
    guards = (supervisors,)
    tags = ("sessions",)

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        names: NamedDependency[Names],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[LiveSessionResource]:
        """List who is signed in, newest first."""
        organization = principal.organization
        bounds = Bounds(equals=(True,), descending=True)
        page = await read_models.find(
            SESSIONS, organization, "by_time", bounds, cursor=cursor, limit=limit
        )
        render = await _renderer(names, organization, page.items)
        return listed(page, render)

    @get("/{session_id:str}")
    async def show(
        self,
        session_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        names: NamedDependency[Names],
    ) -> Response[LiveSessionResource]:
        """Show one session that is going on."""
        view = await read_models.get(SESSIONS, principal.organization, session_id)
        if view is None or not view.live:
            raise Unknown("This session is over. Choose one of the list.")
        render = await _renderer(names, principal.organization, [view])
        return found(render(view), view.version)

    @delete("/{session_id:str}", status_code=204)
    async def sign_out(
        self,
        session_id: FromPath[Id],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[None]:
        """Sign somebody out. Administrators are signed out by administrators only."""
        _check_rank(principal, await _session(commands, principal, session_id))
        command = SignOut(session_id, "forced", principal.user_id)
        aggregate = session_of(principal.organization, session_id)
        return gone(await commands.handle(edge.cause, Intent(aggregate, session, command)))

    @delete(status_code=200)
    async def sign_all_out(
        self,
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> SignedOutResource:
        """Sign every agent out; an administrator signs supervisors out too. Repeat if it fails."""
        ended = 0
        async for view in _live(read_models, principal.organization):
            if view.session.role != "agent" and principal.role != "administrator":
                continue
            if view.id == principal.session_id or view.session.role == "administrator":
                continue
            command = SignOut(view.id, "forced", principal.user_id)
            aggregate = session_of(principal.organization, view.id)
            await commands.handle(edge.cause, Intent(aggregate, session, command))
            ended += 1
        return SignedOutResource(signed_out=ended)

    @put("/{session_id:str}/acd-state")
    async def set_acd_state(
        self,
        session_id: FromPath[Id],
        data: JSONBody[AcdBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[AcdResource]:
        """Set whether an agent takes calls."""
        if not (await _session(commands, principal, session_id)).live:
            raise Unknown("This session is over. Choose one of the list.")
        acd = Acd(data.state, data.reason)
        command: SessionCommand = ChangeAcdState(session_id, acd, principal.user_id)
        aggregate = session_of(principal.organization, session_id)
        outcome = await commands.handle(edge.cause, Intent(aggregate, session, command))
        return changed(AcdResource(state=acd.state, reason=acd.reason), outcome)


async def _session(commands: CommandHandler, principal: Principal, session_id: str) -> Session:
    found = await commands.look(session_of(principal.organization, session_id), session)
    return present(found.state)


def _check_rank(principal: Principal, state: Session) -> None:
    if state.role == "administrator" and principal.role != "administrator":
        raise RoleNotAllowed("Administrators are signed out by administrators. Ask one.")


async def _live(read_models: ReadModelStore, organization: str) -> AsyncIterator[SessionView]:
    cursor = None
    while True:
        page = await read_models.find(
            SESSIONS, organization, "by_time", Bounds(equals=(True,)), cursor=cursor, limit=PAGE
        )
        for view in page.items:
            yield view
        if (cursor := page.next) is None:
            return


async def _renderer(
    names: Names, organization: str, views: Sequence[SessionView]
) -> Callable[[SessionView], LiveSessionResource]:
    users = await names.users(organization, [view.user_id for view in views])
    seats = [view.session.seat.desk_id for view in views if view.session.seat]
    desks = await names.desks(organization, seats)
    return lambda view: _render(view, users, desks)


def _render(view: SessionView, users: dict[str, str], desks: dict[str, str]) -> LiveSessionResource:
    state = view.session
    desk_id = state.seat.desk_id if state.seat else None
    return LiveSessionResource(
        session_id=view.id,
        user_id=users.get(view.user_id, view.user_id),
        role=state.role,
        machine_id=state.machine,
        signed_in_at=view.signed_in_at,
        stay_signed_in=state.stay_signed_in,
        connection="lost" if state.kept_until else "connected",
        lost_since=view.lost_since,
        desk=SessionDesk(id=desk_id, name=desks.get(desk_id, "")) if desk_id else None,
        acd_state=acd_of(state),
        acd_since=view.acd_since,
        language=state.language,
    )
