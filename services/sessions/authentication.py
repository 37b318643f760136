"""Whose id was typed, and whether the password is right."""

from dataclasses import dataclass

from chassis.auth import Unauthenticated
from chassis.command_handler import CommandHandler
from services.sessions.claims import Claims
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.login_id import LoginId, domain, login_id
from services.sessions.domain.policy import OwnDomainNotAllowed
from services.sessions.domain.user import User, user
from services.sessions.passwords import Passwords
from services.sessions.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from which address."""

    user_id: str
    password: str
    machine_id: str
    sign_in_name: str | None = None
    append_domain: str | None = None
    stay_signed_in: bool = True
    language: str | None = None
    desk_id: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A user who has given the right password."""

    organization: str
    user_id: str
    user: User
    typed: LoginId


@dataclass(frozen=True)
class Authentication:
    """Tells users from others. Whether an id exists shows neither in the answer nor in its time."""

    commands: CommandHandler
    claims: Claims
    directory: Directory
    passwords: Passwords
    throttle: Throttle
    default_domain: str | None

    async def of(self, attempt: Attempt) -> Known:
        """Who this is.

        Raises `Unauthenticated`, `Invalid`, `OwnDomainNotAllowed`, `TooManyTries`,
        `StoreUnavailable`.
        """
        typed = await self._typed(attempt)
        self.throttle.check(str(typed), attempt.address)
        (claim,) = await self.commands.store.claims(self.claims.login(str(typed)))
        organization_id, _, user_id = (claim.holder or "_/_").partition("/")
        found = await self.commands.look(user_of(organization_id, user_id), user)
        known = found.state
        credential = (organization_id, user_id, known.credential_version) if known else None
        right = await self.passwords.check(credential, attempt.password)
        if not right or known is None or known.removed:
            self.throttle.failed(str(typed), attempt.address)
            raise Unauthenticated(
                "User id or password is wrong. Not sure of them? Ask your administrator."
            )
        self.throttle.succeeded(str(typed))
        return Known(organization_id, user_id, known, typed)

    async def _typed(self, attempt: Attempt) -> LoginId:
        home = await self.directory.named(attempt.sign_in_name)
        default = home.policy.default_domain if home else self.default_domain
        if attempt.append_domain is None or "@" in attempt.user_id:
            return login_id(attempt.user_id, default=default)
        own = domain(attempt.append_domain, "append_domain")
        system = await self.directory.owner_of(own) or home
        if system is None or not system.policy.users_may_set_domain:
            raise OwnDomainNotAllowed
        return login_id(attempt.user_id, own=own, default=default)
