"""The broker is away for three leases, a thousand are signed in: only who is gone is signed out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import StoreUnavailable
from chassis.jetstream import setup
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.jetstream_leases import STREAM, JetStreamLeases
from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.jetstream.topology import Topology
from chassis.service import Runtime, Service
from chassis.testing.read_models import MemoryReadModelStore
from chassis.workers.expiries import ExpiryWatch
from schemas.sessions import AgentSignedIn, AgentSignedOut, SessionConnectionLost
from services.sessions.app import build
from services.sessions.domain.aggregates import organization_of, session_of
from services.sessions.domain.organization import (
    RegisterOrganization,
    SetSignInPolicy,
    organization,
)
from services.sessions.domain.policy import SignInPolicy
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import SignIn
from services.sessions.presence import Presence
from services.sessions.settings import Settings
from tests.e2e.audit import recorded
from tests.e2e.separate import Broker
from tests.integration.call_centre import settings_in

ACME = "acme"
SESSIONS, IN_A_BATCH = 1000, 100
BEAT_SECONDS, GRACE_SECONDS = 10, 10
LEASE = timedelta(seconds=3 * BEAT_SECONDS)
BETWEEN_BEATS = LEASE.total_seconds() / 2
SLACK_SECONDS = 60


@dataclass
class Replica:
    """The service on a connection of its own."""

    service: Service
    watch: ExpiryWatch

    @property
    def commands(self) -> CommandHandler:
        commands: CommandHandler = self.service.dependencies["commands"]
        return commands

    @property
    def presence(self) -> Presence:
        presence: Presence = self.service.dependencies["presence"]
        return presence

    async def beat(self, session_id: str) -> None:
        """As a client does it, until somebody answers."""
        while True:
            try:
                await self.presence.beat(cause(), ACME, session_id)
                return
            except StoreUnavailable:
                await asyncio.sleep(1)


def cause() -> Cause:
    return Cause(new_id(), system_clock(), "somebody", "request")


@asynccontextmanager
async def replica(broker: Broker, settings: Settings) -> AsyncIterator[Replica]:
    async with broker.connected("sessions") as nc:
        store = JetStreamEventStore(nc, "sessions", "SESSIONS")
        vault, leases = JetStreamVault(nc, "credentials"), JetStreamLeases(nc)
        runtime = Runtime(store, MemoryReadModelStore(), vault, _asks_nobody, leases=leases)
        service = build(runtime, settings)
        assert service.expiry
        yield Replica(service, ExpiryWatch(nc, "sessions", STREAM, service.expiry))


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    one = Broker(tmp_path / "nats")
    await one.start()
    async with one.connected("setup") as nc:
        await setup.apply(nc, Topology.load())
    yield one
    await one.stop()


async def sign_in(one: Replica) -> list[str]:
    """A thousand agents, every other of them to stay; no lease is held yet."""
    command = RegisterOrganization(ACME, "Acme", "acme.example")
    aggregate = organization_of(ACME)
    await one.commands.handle(cause(), Intent(aggregate, organization, command))
    policy = SetSignInPolicy(ACME, SignInPolicy("acme.example", grace_seconds=GRACE_SECONDS))
    await one.commands.handle(cause(), Intent(aggregate, organization, policy))
    sessions = [new_id() for _ in range(SESSIONS)]
    for first in range(0, SESSIONS, IN_A_BATCH):
        batch = range(first, first + IN_A_BATCH)
        intents = [_signs_in(sessions[number], number) for number in batch]
        await one.commands.handle_all(cause(), *intents)
    return sessions


def _signs_in(session_id: str, number: int) -> Intent[Any, Any]:
    command = SignIn(
        session_id=session_id,
        user_id=f"u{number}",
        role="agent",
        machine=f"{number:064x}",
        domain_source="typed",
        stay_signed_in=number % 2 == 0,
        language="en",
    )
    return Intent(session_of(ACME, session_id), session, command)


async def staying(one: Replica, sessions: list[str]) -> None:
    """Their clients beat, spread over time as clients are."""

    async def client(session_id: str, number: int) -> None:
        await asyncio.sleep(number / len(sessions) * BETWEEN_BEATS)
        while True:
            await one.beat(session_id)
            await asyncio.sleep(BETWEEN_BEATS)

    await asyncio.gather(*(client(one, number) for number, one in enumerate(sessions)))


async def ends(broker: Broker) -> tuple[dict[str, datetime], dict[str, datetime], set[str]]:
    """When connections were lost, when sessions were over, and which there are left."""
    lost, over, live = dict[str, datetime](), dict[str, datetime](), set[str]()
    async with broker.connected("sessions") as nc:
        async for envelope in recorded(nc):
            match envelope.event():
                case AgentSignedIn(session_id=session_id):
                    live.add(session_id)
                case SessionConnectionLost(session_id=session_id):
                    lost[session_id] = envelope.time
                case AgentSignedOut(session_id=session_id):
                    over[session_id] = envelope.time
                    live.remove(session_id)
    return lost, over, live


@pytest.mark.nightly
async def test_b21_i28_after_three_leases_without_a_broker_only_who_is_gone_is_signed_out(
    tmp_path: Path, broker: Broker
) -> None:
    settings = settings_in(tmp_path, heartbeat_seconds=BEAT_SECONDS)
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(replica(broker, settings))
        worker = await stack.enter_async_context(replica(broker, settings))
        sessions = await sign_in(api)
        there = sessions[: SESSIONS // 2]
        watching = asyncio.create_task(worker.watch.run())
        for session_id in sessions:
            await api.presence.begin(ACME, session_id, None)
        broker.kill()
        await asyncio.sleep(3 * LEASE.total_seconds())
        beating = asyncio.create_task(staying(api, there))
        await broker.revived()
        back = datetime.now(UTC)
        # One lease for holders, one more because so many end at once, and the grace time.
        await asyncio.sleep(2 * LEASE.total_seconds() + GRACE_SECONDS)
        for _ in range(SLACK_SECONDS):
            lost, over, live = await ends(broker)
            if len(live) <= len(there):
                break
            await asyncio.sleep(1)
        beating.cancel()
        worker.watch.stop()
        await asyncio.gather(watching, beating, return_exceptions=True)
    print(f"lost {_span(lost, back)}, over {_span(over, back)}")
    assert live == set(there)
    assert {*lost, *over} == set(sessions) - live
    assert min((*lost.values(), *over.values())) > back + LEASE


def _span(times: dict[str, datetime], since: datetime) -> str:
    seconds = [(at - since).total_seconds() for at in times.values()]
    return f"{len(times)}, {min(seconds):.0f} to {max(seconds):.0f} s after"


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"sessions asked {subject}")
