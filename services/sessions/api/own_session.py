"""What somebody who is signed in can do with the own session."""

from asyncio import gather
from dataclasses import dataclass, replace

from chassis.auth import Principal
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import present
from chassis.edge import Edge
from services.sessions.api.resources import Seen, SessionOrganization, SessionResource, render
from services.sessions.domain.aggregates import desk_of, organization_of, session_of, user_of
from services.sessions.domain.desk import desk
from services.sessions.domain.organization import organization
from services.sessions.domain.session import live, session
from services.sessions.domain.session_commands import ChooseLanguage, SessionCommand, TakeDesk
from services.sessions.domain.session_state import Session
from services.sessions.domain.user import ChangeUser, existing, user
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

    async def render(self, principal: Principal, state: Session) -> SessionResource:
        """Show a session that was just looked at."""
        here, look = principal.organization, self.commands.look
        (own,), whose, home = await gather(
            self.commands.store.load(session_of(here, principal.session_id)),
            look(user_of(here, principal.user_id), user),
            look(organization_of(here), organization),
        )
        place = (await look(desk_of(here, state.seat.desk_id), desk)).state if state.seat else None
        known = present(home.state)
        seen = Seen(
            user=existing(whose.state),
            organization=SessionOrganization(
                id=here, name=known.setup.name, languages=known.policy.languages
            ),
            signed_in_at=own.recorded[0].envelope.time,
            desk_name=place.desk.name if place else "",
        )
        return render(principal.session_id, state, seen, self.settings)

    async def act(
        self, edge: Edge, principal: Principal, command: SessionCommand
    ) -> Outcome[Session | None]:
        """Do something in the session. Raises `SessionOver`, and what the rules refuse."""
        await self.presence.beat(edge.cause, principal.organization, principal.session_id)
        aggregate = session_of(principal.organization, principal.session_id)
        return await self.commands.handle(edge.cause, Intent(aggregate, session, command))

    async def choose_language(
        self, edge: Edge, principal: Principal, language: str
    ) -> Outcome[Session | None]:
        """Go on in another language, also next time. Raises `SessionOver`, `Invalid`."""
        here, user_id, own = principal.organization, principal.user_id, principal.session_id
        await self.presence.beat(edge.cause, here, own)
        home = present((await self.commands.look(organization_of(here), organization)).state)
        home.policy.language(language, None)
        known = existing((await self.commands.look(user_of(here, user_id), user)).state)
        profile = replace(known.profile, language=language)
        *_, outcome = await self.commands.handle_all(
            edge.cause,
            Intent(user_of(here, user_id), user, ChangeUser(user_id, profile)),
            Intent(session_of(here, own), session, ChooseLanguage(own, language)),
        )
        return outcome

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
