"""Whose id was typed, and whether the password is right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.auth import Unauthenticated
from chassis.command_handler import CommandHandler
from services.sessions.claims import Claims
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.login_id import LoginId, domain, login_id
from services.sessions.domain.policy import OwnDomainNotAllowed
from services.sessions.domain.user import User, user
from services.sessions.known_machines import KnownMachines
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
    known_machines: KnownMachines
    default_domain: str | None
    refusal_seconds: float

    async def of(self, attempt: Attempt) -> Known:
        """Who this is.

        Raises `Unauthenticated`, `Invalid`, `OwnDomainNotAllowed`, `TooManyTries`,
        `StoreUnavailable`.
        """
        typed = await self._typed(attempt)
        login, machine = str(typed), attempt.machine_id
        is_known = await self.known_machines.knows(login, machine)
        # Others behind the same address do not lock out whoever is known on a machine, either.
        known_on, source = (machine, None) if is_known else (None, attempt.address)
        async with self._refusals_take_alike(), self.throttle.tried(login, source, known_on):
            found = await self._found(login, attempt.password)
        if not is_known:
            await self.known_machines.remember(login, machine)
        return Known(*found, typed)

    async def _found(self, login: str, password: str) -> tuple[str, str, User]:
        (claim,) = await self.commands.store.claims(self.claims.login(login))
        organization_id, _, user_id = (claim.holder or "_/_").partition("/")
        found = await self.commands.look(user_of(organization_id, user_id), user)
        known = found.state
        credential = (organization_id, user_id, known.credential_version) if known else None
        right = await self.passwords.check(credential, password)
        if not right or known is None or known.removed:
            raise Unauthenticated(
                "User id or password is wrong. Not sure of them? Ask your administrator."
            )
        return organization_id, user_id, known

    @asynccontextmanager
    async def _refusals_take_alike(self) -> AsyncIterator[None]:
        """Answer refusals at whole steps of time: what a look-up took more or less is not seen."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        except Unauthenticated:
            if step := self.refusal_seconds:
                await asyncio.sleep(step - (clock() - began) % step)
            raise

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
