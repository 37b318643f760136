"""HTTP for one's own session: it lives by heartbeats, sits at a desk, takes calls or not."""

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from chassis.answers import RequestBody, changed, gone
from chassis.auth import Principal, agents, signed_in
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import IGNORES_IDEMPOTENCY_KEY, Edge
from schemas.fields import Id, Language
from schemas.sessions import AcdState, Text
from services.sessions.api.own_session import OwnSession
from services.sessions.api.resources import SessionResource
from services.sessions.domain.aggregates import session_of
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import ChangeAcdState, LeaveDesk, SignOut
from services.sessions.domain.session_state import Acd
from services.sessions.presence import Presence


class TakeDeskBody(RequestBody):
    """The hot desk to sit at."""

    desk_id: Id


class LanguageBody(RequestBody):
    """The language to go on in."""

    language: Language


class AcdBody(RequestBody):
    """Whether the agent takes calls; who is not available says why."""

    state: AcdState
    reason: Text | None = None


class SessionController(Controller):
    """One's own session."""

    path = "/api/v1"
    tags = ("session",)

    @get("/session", guards=[signed_in])
    async def show(
        self, principal: NamedDependency[Principal], own_session: NamedDependency[OwnSession]
    ) -> SessionResource:
        """Show one's own session."""
        return await own_session.show(principal)

    @put("/session/heartbeat", status_code=204, guards=[signed_in], opt=IGNORES_IDEMPOTENCY_KEY)
    async def heartbeat(
        self,
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        presence: NamedDependency[Presence],
    ) -> None:
        """Say that the client is still there. A lost connection is found again, if in time."""
        await presence.beat(edge.cause, principal.organization, principal.session_id)

    @post("/sign-out", status_code=204, guards=[signed_in])
    async def sign_out(
        self,
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[None]:
        """Sign out. Machine and desk are free for another user."""
        aggregate = session_of(principal.organization, principal.session_id)
        command = SignOut(principal.session_id, "user")
        return gone(await commands.handle(edge.cause, Intent(aggregate, session, command)))

    @put("/session/desk", guards=[agents])
    async def take_desk(
        self,
        data: JSONBody[TakeDeskBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        own_session: NamedDependency[OwnSession],
    ) -> Response[SessionResource]:
        """Sit down at a free hot desk, and leave the earlier one in the same step."""
        outcome = await own_session.sit_down(edge, principal, data.desk_id)
        return changed(await own_session.render(principal, present(outcome.state)), outcome)

    @delete("/session/desk", status_code=204, guards=[agents])
    async def leave_desk(
        self,
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        own_session: NamedDependency[OwnSession],
    ) -> Response[None]:
        """Leave the hot desk and stay signed in."""
        return gone(await own_session.act(edge, principal, LeaveDesk(principal.session_id)))

    @put("/session/language", guards=[signed_in])
    async def choose_language(
        self,
        data: JSONBody[LanguageBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        own_session: NamedDependency[OwnSession],
    ) -> Response[SessionResource]:
        """Go on in another language that the organization offers, and begin with it next time."""
        outcome = await own_session.choose_language(edge, principal, data.language)
        return changed(await own_session.render(principal, present(outcome.state)), outcome)

    @put("/session/acd-state", guards=[agents])
    async def set_acd_state(
        self,
        data: JSONBody[AcdBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        own_session: NamedDependency[OwnSession],
    ) -> Response[SessionResource]:
        """Say whether calls may come."""
        command = ChangeAcdState(principal.session_id, Acd(data.state, data.reason))
        outcome = await own_session.act(edge, principal, command)
        return changed(await own_session.render(principal, present(outcome.state)), outcome)
