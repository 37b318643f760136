"""Signing in: whose id it is, whether the password is right, and a session on this machine."""

from dataclasses import dataclass

from chassis.auth import Principal, Unauthenticated
from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.event_store import EventStore, Position
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import organization_of, session_of, user_of
from services.sessions.domain.login_id import LoginId, login_id
from services.sessions.domain.organization import organization
from services.sessions.domain.session import MachineInUse, Session, SignIn, session
from services.sessions.domain.user import User, user
from services.sessions.passwords import Passwords

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed."""

    user_id: str
    password: str
    machine_id: str
    sign_in_name: str | None = None
    append_domain: str | None = None
    stay_signed_in: bool = True
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session. `again` says it is an earlier one given back."""

    principal: Principal
    user: User
    session: Session
    position: Position
    again: bool


@dataclass(frozen=True)
class SignInDesk:
    """Lets people in."""

    commands: CommandHandler
    store: EventStore
    claims: Claims
    passwords: Passwords
    default_domain: str | None

    async def sign_in(self, cause: Cause, session_id: str, attempt: Attempt) -> SignedIn:
        """Authenticate and start a session, or give the one on this machine back.

        Raises `Unauthenticated`, `Invalid`, `MachineInUse`, `StoreUnavailable`.
        """
        typed = login_id(
            attempt.user_id,
            own=attempt.append_domain,
            default=await self._default_domain(attempt.sign_in_name),
        )
        organization_id, user_id, known = await self._authenticate(typed, attempt.password)
        machine = self.claims.machine_fingerprint(attempt.machine_id)
        if earlier := await self._earlier(machine, organization_id, user_id, known):
            return earlier
        command = SignIn(
            session_id=session_id,
            user_id=user_id,
            role=known.role,
            machine=machine,
            domain_source=typed.source,
            stay_signed_in=attempt.stay_signed_in,
            language=attempt.language or known.language or DEFAULT_LANGUAGE,
        )
        by_user = Cause(
            cause.command_id, cause.at, user_id, cause.correlation_id, cause.traceparent
        )
        outcome = await self.commands.handle(
            by_user, Intent(session_of(organization_id, session_id), session, command)
        )
        principal = Principal(user_id, organization_id, known.role, session_id)
        return SignedIn(principal, known, present(outcome.state), outcome.position, again=False)

    async def _default_domain(self, sign_in_name: str | None) -> str | None:
        if sign_in_name is None:
            return self.default_domain
        (claim,) = await self.store.claims(self.claims.sign_in_name(sign_in_name.lower()))
        if claim.holder is None:
            return self.default_domain
        found = await self.commands.look(organization_of(claim.holder), organization)
        return found.state.default_domain if found.state else self.default_domain

    async def _authenticate(self, typed: LoginId, password: str) -> tuple[str, str, User]:
        (claim,) = await self.store.claims(self.claims.login(str(typed)))
        organization_id, _, user_id = (claim.holder or "_/_").partition("/")
        found = await self.commands.look(user_of(organization_id, user_id), user)
        credential = (
            (organization_id, user_id, found.state.credential_version) if found.state else None
        )
        if not await self.passwords.check(credential, password) or found.state is None:
            raise Unauthenticated(
                "User id or password is wrong. Not sure of them? Ask your administrator."
            )
        return organization_id, user_id, found.state

    async def _earlier(
        self, machine: str, organization_id: str, user_id: str, known: User
    ) -> SignedIn | None:
        (claim,) = await self.store.claims(self.claims.machine(machine))
        if claim.holder is None:
            return None
        in_organization, holder, session_id = claim.holder.split("/")
        if (in_organization, holder) != (organization_id, user_id):
            raise MachineInUse("Another user is signed in on this machine. Sign them out first.")
        found = await self.commands.look(session_of(organization_id, session_id), session)
        principal = Principal(user_id, organization_id, known.role, session_id)
        return SignedIn(principal, known, present(found.state), found.position, again=True)
