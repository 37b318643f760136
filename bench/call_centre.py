"""The sessions service on a real broker, with users who can sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent
from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.jetstream_leases import JetStreamLeases
from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.keyring import Keyring
from chassis.service import Runtime
from chassis.signing_key import create_signing_key
from chassis.testing.nats_server import RunningNats
from schemas.sessions import Role
from services.sessions.app import build
from services.sessions.authentication import Attempt
from services.sessions.domain.aggregates import organization_of, session_of, user_of
from services.sessions.domain.organization import RegisterOrganization, organization
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import SignOut
from services.sessions.domain.user import Profile, RegisterUser, user
from services.sessions.passwords import Passwords
from services.sessions.presence import Presence
from services.sessions.settings import Settings
from services.sessions.sign_in import SignInDesk
from switchboard.stores import read_model_store

ORGANIZATION, DOMAIN = "acme", "acme.example"
PHRASE = "a long enough pass phrase"
BOUNDLESS = 10**9
"""Everybody here has one address, and many share one user id."""


class Unhashed(Passwords):
    """Every password is right, and none takes time."""

    async def check(self, user: tuple[str, str, int] | None, password: str) -> bool:
        """Yes."""
        return user is not None


@dataclass
class CallCentre:
    """People sign in here, with their passwords hashed or without."""

    desk: SignInDesk
    quick_desk: SignInDesk
    presence: Presence
    commands: CommandHandler
    passwords: Passwords

    async def people(self, count: int, role: Role) -> list[str]:
        """New users."""
        names = [f"{role}{number}" for number in range(count)]
        for name in names:
            person = RegisterUser(name, f"{name}@{DOMAIN}", Profile(role, "A", "B"))
            await self.passwords.keep(ORGANIZATION, name, 1, PHRASE)
            await self.commands.handle(cause(), Intent(user_of(ORGANIZATION, name), user, person))
        return names

    async def sign_in(self, name: str, machine: str, *, quickly: bool = True) -> str:
        """The session."""
        attempt = Attempt(f"{name}@{DOMAIN}", PHRASE, machine)
        desk = self.quick_desk if quickly else self.desk
        return (await desk.sign_in(cause(), new_id(), attempt)).principal.session_id

    async def sign_out(self, session_id: str) -> None:
        """The session is over."""
        aggregate = session_of(ORGANIZATION, session_id)
        await self.commands.handle(cause(), Intent(aggregate, session, SignOut(session_id, "user")))

    async def beat(self, session_id: str) -> None:
        """The client is there."""
        await self.presence.beat(cause(), ORGANIZATION, session_id)


def cause() -> Cause:
    """A request of its own."""
    return Cause(new_id(), system_clock(), "bench", new_id())


@asynccontextmanager
async def call_centre(nats: RunningNats, folder: Path) -> AsyncIterator[CallCentre]:
    """An organization without users."""
    Keyring.create(folder / "keyring.json")
    create_signing_key(folder / "signing.json", folder / "jwks.json")
    settings = Settings(
        keyring=folder / "keyring.json",
        signing_key=folder / "signing.json",
        failed_sign_ins_per_user=BOUNDLESS,
        failed_sign_ins_per_address=BOUNDLESS,
    )
    async with (
        nats.connected("sessions") as nc,
        read_model_store("sqlite", folder, "sessions") as read_models,
    ):
        runtime = Runtime(
            JetStreamEventStore(nc, "sessions", "SESSIONS"),
            read_models,
            JetStreamVault(nc, "credentials"),
            _asks_nobody,
            counters=JetStreamCounters(nc, "sessions"),
            leases=JetStreamLeases(nc),
        )
        service = build(runtime, settings)
        await read_models.open(*(one.model for one in service.projections))
        given = service.dependencies
        desk: SignInDesk = given["sign_in_desk"]
        unhashed = Unhashed(runtime.vault, settings.password_memory_kib)
        quick = replace(desk, authentication=replace(desk.authentication, passwords=unhashed))
        here = CallCentre(desk, quick, given["presence"], given["commands"], given["passwords"])
        opened = RegisterOrganization(ORGANIZATION, "Acme", DOMAIN)
        aggregate = organization_of(ORGANIZATION)
        await here.commands.handle(cause(), Intent(aggregate, organization, opened))
        yield here


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"sessions asked {subject}")
