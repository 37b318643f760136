"""A sign-out is known to every service within a second, from the log alone."""

import asyncio
import time

import pytest

from chassis.auth import Principal, Unauthenticated
from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent
from chassis.jetstream.ended_sessions import EndedSessions, StillSignedIn
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection
from chassis.keyring import Keyring
from chassis.testing.eventually import eventually
from chassis.testing.nats_server import RunningNats
from chassis.testing.tokens import Tokens
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import session_of
from services.sessions.domain.session import session
from services.sessions.domain.session_commands import SessionCommand, SignIn, SignOut

pytest_plugins = ["chassis.testing.nats_fixtures"]

SERVICES = ["activation", "notifier", "provisioning", "sessions"]
WITHIN_SECONDS = [
    pytest.param(15, id="on a busy machine"),
    pytest.param(1, id="within a second", marks=pytest.mark.nightly),
]


class Sessions:
    """Signs people in and out, straight into the log."""

    def __init__(self, nc: Connection) -> None:
        claims = Claims(Keyring.fresh())
        self._commands = CommandHandler(JetStreamEventStore(nc, "sessions", "SESSIONS"), claims.of)

    async def do(self, session_id: str, command: SessionCommand) -> None:
        cause = Cause(new_id(), system_clock(), "somebody", "request")
        intent = Intent(session_of("acme", session_id), session, command)
        await self._commands.handle(cause, intent)

    async def come_and_go(self, session_id: str) -> None:
        machine = session_id.encode().hex().ljust(64, "0")
        user = f"u-{session_id}"
        await self.do(session_id, SignIn(session_id, user, "agent", machine, "typed", True, "en"))
        await self.do(session_id, SignOut(session_id, "user"))


@pytest.fixture
async def sessions(nats: RunningNats, clients: dict[str, Connection]) -> Sessions:
    await nats.wipe()
    return Sessions(clients["sessions"])


def ended_for(nats: RunningNats, nc: Connection) -> EndedSessions:
    return EndedSessions(nc, nats.topology.sign_out_stream, nats.topology.sign_outs)


@pytest.mark.parametrize("within", WITHIN_SECONDS)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_sign_out_ends_the_tokens_everywhere_soon(
    service: str,
    within: float,
    nats: RunningNats,
    clients: dict[str, Connection],
    sessions: Sessions,
) -> None:
    ended = ended_for(nats, clients[service])
    running = asyncio.create_task(ended.run())
    await asyncio.sleep(0.3)
    tokens = Tokens()
    verifier = StillSignedIn(tokens.verifier, ended)
    token = tokens.token(Principal("u-s1", "acme", "agent", "s1"))
    assert (await verifier.verify(token)).session_id == "s1"
    await sessions.come_and_go("s1")
    began = time.monotonic()

    async def known() -> bool:
        return "s1" in ended

    await eventually(known)
    assert time.monotonic() - began < within
    with pytest.raises(Unauthenticated) as refused:
        await verifier.verify(token)
    assert refused.value.details == {"reason": "user"}
    assert "s2" not in ended
    ended.stop()
    await running


async def test_whoever_starts_later_learns_of_earlier_sign_outs(
    nats: RunningNats, clients: dict[str, Connection], sessions: Sessions
) -> None:
    for number in range(5):
        await sessions.come_and_go(f"s{number}")
    ended = ended_for(nats, clients["provisioning"])
    assert await ended.look()
    assert all(f"s{number}" in ended for number in range(5))


async def test_sign_outs_are_learnt_part_by_part(
    nats: RunningNats,
    clients: dict[str, Connection],
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chassis.jetstream.ended_sessions.AT_A_TIME", 2)
    for number in range(5):
        await sessions.come_and_go(f"s{number}")
    ended = ended_for(nats, clients["provisioning"])
    assert [await ended.look() for _ in range(3)] == [False, False, True]
    assert all(f"s{number}" in ended for number in range(5))
