"""Finds users by what they type, and the session a user has."""

from dataclasses import dataclass

from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Invalid, Unknown
from chassis.event_store import Claim
from chassis.read_models import Bounds, ReadModelStore
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import organization_of, session_of, user_of
from services.sessions.domain.login_id import domain, login_id
from services.sessions.domain.organization import Organization, organization
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import SessionCommand, SignOut
from services.sessions.domain.session_state import Session
from services.sessions.domain.user import User, existing, user
from services.sessions.projections import SESSIONS

MOST = 100
"""Sessions of one administrator that are ended in one step."""


@dataclass(frozen=True, slots=True)
class Found:
    """A user, and where in the log."""

    user_id: str
    user: User
    version: int


@dataclass(frozen=True)
class Directory:
    """Looks into the log, so that nobody is found who is not there any more."""

    commands: CommandHandler
    claims: Claims
    read_models: ReadModelStore

    async def user(self, organization_id: str, typed: str) -> Found:
        """A user of this organization by user id. Raises `Unknown`, `StoreUnavailable`."""
        try:
            wanted = login_id(typed)
        except Invalid:
            raise _nobody() from None
        (claim,) = await self.commands.store.claims(self.claims.login(str(wanted)))
        owner, _, user_id = (claim.holder or "").partition("/")
        if owner != organization_id:
            raise _nobody()
        found = await self.commands.look(user_of(organization_id, user_id), user)
        return Found(user_id, existing(found.state), found.version)

    async def owner_of(self, domain_name: str) -> Organization | None:
        """The organization that has a domain."""
        return await self._held(self.claims.domain(domain(domain_name, "append_domain")))

    async def named(self, sign_in_name: str | None) -> Organization | None:
        """The organization of a sign-in page."""
        if sign_in_name is None:
            return None
        return await self._held(self.claims.sign_in_name(sign_in_name.lower()))

    async def organization(self, organization_id: str) -> Organization:
        """An organization that is known to exist. Raises `Unknown`."""
        found = await self.commands.look(organization_of(organization_id), organization)
        if found.state is None:
            raise Unknown("There is no such organization. Register it first.")
        return found.state

    async def session(self, organization_id: str, user_id: str) -> str | None:
        """The one session of a user who works in the call centre."""
        claim = self.claims.user(organization_id, user_id)
        (state,) = await self.commands.store.claims(claim)
        return state.holder.rpartition("/")[2] if state.holder else None

    async def ending(
        self, organization_id: str, user_id: str, by: str, *, but: str | None = None
    ) -> list[Intent[SessionCommand, Session | None]]:
        """What signs a user out everywhere, but for one session."""
        page = await self.read_models.find(
            SESSIONS, organization_id, "by_user", Bounds(equals=(user_id, True)), limit=MOST
        )
        live = {view.id for view in page.items}
        if own := await self.session(organization_id, user_id):
            live.add(own)
        return [
            Intent(session_of(organization_id, one), session, SignOut(one, "forced", by))
            for one in sorted(live - {but})
        ]

    async def _held(self, claim: Claim) -> Organization | None:
        (state,) = await self.commands.store.claims(claim)
        return await self.organization(state.holder) if state.holder else None


def _nobody() -> Unknown:
    return Unknown("There is no such user. Choose one of the list.")
