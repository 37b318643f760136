"""Fifty at a time want one machine, one desk, one user: exactly one gets it, on a real broker."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Refused
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.jetstream_leases import JetStreamLeases
from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.service import Runtime
from chassis.testing.nats_server import RunningNats
from chassis.testing.read_models import MemoryReadModelStore
from services.sessions.app import build
from services.sessions.authentication import Attempt
from services.sessions.domain.aggregates import desk_of, organization_of, user_of
from services.sessions.domain.desk import ConfigureDesk, Desk, desk
from services.sessions.domain.organization import RegisterOrganization, organization
from services.sessions.domain.user import Profile, RegisterUser, user
from services.sessions.passwords import Passwords
from services.sessions.sign_in import SignedIn, SignInDesk
from tests.integration.call_centre import PASSWORD, settings_in

pytest_plugins = ["chassis.testing.nats_fixtures"]

Try = tuple[str, str, str | None]
REPLICAS, RACERS, ROUNDS = 3, 50, 4


@dataclass
class Replica:
    """One process of the service: a connection and everything built on it."""

    desk: SignInDesk
    commands: CommandHandler
    passwords: Passwords

    async def sign_in(self, user_id: str, machine: str, desk_id: str | None = None) -> str:
        """The session, or why there is none."""
        attempt = Attempt(f"{user_id}@acme.example", PASSWORD, machine, desk_id=desk_id)
        try:
            signed_in: SignedIn = await self.desk.sign_in(cause(), new_id(), attempt)
        except Refused as refused:
            return type(refused).__name__
        return signed_in.principal.session_id


def cause() -> Cause:
    return Cause(new_id(), system_clock(), "somebody", "request")


@pytest.fixture
async def replicas(tmp_path: Path, nats: RunningNats) -> AsyncIterator[list[Replica]]:
    await nats.wipe()
    settings = settings_in(tmp_path)
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(REPLICAS):
            nc = await stack.enter_async_context(nats.connected("sessions"))
            store = JetStreamEventStore(nc, "sessions", "SESSIONS")
            read_models = MemoryReadModelStore()
            vault, leases = JetStreamVault(nc, "credentials"), JetStreamLeases(nc)
            service = build(
                Runtime(store, read_models, vault, _asks_nobody, leases=leases), settings
            )
            await read_models.open(*(p.model for p in service.projections))
            given = service.dependencies
            found.append(Replica(given["sign_in_desk"], given["commands"], given["passwords"]))
        await people(found[0])
        yield found


async def people(one: Replica) -> None:
    """Ten agents, and desks k0 to k9."""
    command = RegisterOrganization("acme", "Acme", "acme.example")
    await one.commands.handle(cause(), Intent(organization_of("acme"), organization, command))
    for number in range(10):
        name = f"u{number}"
        agent = RegisterUser(name, f"{name}@acme.example", Profile("agent", "A", "B"))
        await one.passwords.keep("acme", name, 1, PASSWORD)
        await one.commands.handle(cause(), Intent(user_of("acme", name), user, agent))
        place = ConfigureDesk(f"k{number}", Desk(name, f"d{number}", hot_desk=True))
        await one.commands.handle(cause(), Intent(desk_of("acme", f"k{number}"), desk, place))


async def race(replicas: list[Replica], tries: Sequence[Try]) -> Counter[str]:
    running = (replicas[n % REPLICAS].sign_in(*one) for n, one in enumerate(tries))
    return Counter(await asyncio.gather(*running))


@pytest.mark.slow
async def test_b9_i22_one_machine_has_one_user_however_many_try(replicas: list[Replica]) -> None:
    winners: dict[str, str] = {}
    for number in range(ROUNDS):
        # Whoever won before is refused elsewhere, and that is a rule of its own.
        free = [f"u{n}" for n in range(10) if f"u{n}" not in winners]
        tries = [(free[n % len(free)], f"m{number}", None) for n in range(RACERS)]
        outcome = await race(replicas, tries)
        sessions = set(outcome) - {"MachineInUse", "StoreUnavailable"}
        assert len(sessions) == 1, outcome
        winners |= await holder(replicas[0], f"m{number}")
        assert len(winners) == number + 1


@pytest.mark.slow
async def test_i23_one_desk_has_one_guest_however_many_try(replicas: list[Replica]) -> None:
    for number in range(ROUNDS):
        agents = [f"u{n}" for n in range(number, 10)]
        tries = [
            (agents[n % len(agents)], f"machine {agents[n % len(agents)]} {number}", f"k{number}")
            for n in range(RACERS)
        ]
        outcome = await race(replicas, tries)
        sessions = set(outcome) - {"DeskTaken", "SignedInElsewhere", "StoreUnavailable"}
        assert len(sessions) == 1, outcome
        seats = await replicas[0].commands.store.claims(
            replicas[0].desk.claims.desk("acme", f"k{number}")
        )
        assert (seats[0].holder or "").endswith(sessions.pop())


@pytest.mark.slow
async def test_i29_one_agent_has_one_session_however_many_machines(
    replicas: list[Replica],
) -> None:
    for number in range(ROUNDS):
        tries = [(f"u{number}", f"m{n}", None) for n in range(RACERS)]
        outcome = await race(replicas, tries)
        sessions = set(outcome) - {"SignedInElsewhere", "MachineInUse", "StoreUnavailable"}
        assert len(sessions) == 1, outcome


async def holder(one: Replica, machine: str) -> dict[str, str]:
    claims = one.desk.claims
    (state,) = await one.commands.store.claims(claims.machine(claims.machine_fingerprint(machine)))
    _, user_id, session_id = (state.holder or "//").split("/")
    return {user_id: session_id}


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"sessions asked {subject}")
