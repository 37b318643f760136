"""What somebody who is signed in can do with the own session."""

from dataclasses import dataclass

from chassis.auth import Principal
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.edge import Edge
from services.sessions.api.resources import SessionResource, render
from services.sessions.domain.aggregates import desk_of, session_of, user_of
from services.sessions.domain.desk import desk
from services.sessions.domain.session import live, session
from services.sessions.domain.session_commands import SessionCommand, TakeDesk
from services.sessions.domain.session_state import Session
from services.sessions.domain.user import User, existing, user
from services.sessions.presence import Presence
from services.sessions.seating import Seating
from services.sessions.settings import Settings


@dataclass(frozen=True)
class OwnSession:
    """Shows and changes a session for the one who has it. Whoever acts is there."""

    commands: CommandHandler
    presence: Presence
    seating: Seating
    settings: Settings

    async def show(self, principal: Principal) -> SessionResource:
        """The session now. Raises `SessionOver`."""
        aggregate = session_of(principal.organization, principal.session_id)
        found = await self.commands.look(aggregate, session)
        return await self.render(principal, live(found.state))

    async def render(
        self, principal: Principal, state: Session, known: User | None = None
    ) -> SessionResource:
        """Show a session that was just looked at."""
        if known is None:
            aggregate = user_of(principal.organization, principal.user_id)
            known = existing((await self.commands.look(aggregate, user)).state)
        name = None
        if state.seat:
            place = await self.commands.look(
                desk_of(principal.organization, state.seat.desk_id), desk
            )
            name = place.state.desk.name if place.state else None
        return render(principal.session_id, known, state, name, self.settings)

    async def act(
        self, edge: Edge, principal: Principal, command: SessionCommand
    ) -> Outcome[Session | None]:
        """Do something in the session. Raises `SessionOver`, and what the rules refuse."""
        await self.presence.beat(edge.cause, principal.organization, principal.session_id)
        aggregate = session_of(principal.organization, principal.session_id)
        return await self.commands.handle(edge.cause, Intent(aggregate, session, command))

    async def sit_down(
        self, edge: Edge, principal: Principal, desk_id: str
    ) -> Outcome[Session | None]:
        """Take a hot desk. Raises `SessionOver`, `Unknown`, `DeskTaken`."""
        organization, at = principal.organization, edge.cause.at
        aggregate = user_of(organization, principal.user_id)
        guest = existing((await self.commands.look(aggregate, user)).state)
        seat = await self.seating.seat(organization, desk_id, guest, edge.resource_id, at)
        await self.presence.limit(organization, principal.session_id, seat.ends_at)
        return await self.act(edge, principal, TakeDesk(principal.session_id, seat))
