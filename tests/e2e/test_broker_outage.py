"""The broker is away for three leases, a thousand are signed in: only who is gone is signed out."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.sessions import AgentSignedOut, SessionConnectionLost
from switchboard.demo.client import Json
from tests.e2e.audit import recorded
from tests.e2e.floor import Floor, floor

SESSIONS, AT_ONCE = 1000, 20
BEAT_SECONDS, GRACE_SECONDS = 10, 10
LEASE = timedelta(seconds=3 * BEAT_SECONDS)
SLACK = timedelta(seconds=20)

Clients = dict[str, "asyncio.Task[None]"]


async def beating(here: Floor, number: int, token: str) -> None:
    """As the script of a page does it, but for ever."""
    failures = 0
    while True:
        answer = await here.send("PUT", "session/heartbeat", token, replica=number % 2)
        failures = 0 if answer["status"] == 204 else failures + 1
        longest = min(BEAT_SECONDS, 2 ** (failures - 1)) if failures else BEAT_SECONDS
        await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 - no secret


@asynccontextmanager
async def clients(here: Floor) -> AsyncIterator[Clients]:
    """A thousand who are signed in, half of them to stay, and their clients by session."""
    signing_in, found = asyncio.Semaphore(AT_ONCE), Clients()

    async def sign_in(number: int) -> None:
        async with signing_in:
            session: Json = await here.sign_in(
                "ada", f"m{number}", number % 2, stay_signed_in=number % 4 < 2
            )
        assert session["status"] == 201
        client = beating(here, number, session["access_token"])
        found[session["session_id"]] = asyncio.create_task(client)

    try:
        await asyncio.gather(*map(sign_in, range(SESSIONS)))
        yield found
    finally:
        for client in found.values():
            client.cancel()
        await asyncio.gather(*found.values(), return_exceptions=True)


async def ends(here: Floor) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """When connections were lost, and when sessions were over, by session."""
    lost, over = dict[str, datetime](), dict[str, datetime]()
    async with here.here.broker.connected("sessions") as nc:
        async for envelope in recorded(nc):
            match envelope.event():
                case SessionConnectionLost(session_id=session_id):
                    lost[session_id] = envelope.time
                case AgentSignedOut(session_id=session_id):
                    over[session_id] = envelope.time
    return lost, over


@pytest.mark.nightly
async def test_i28_after_three_leases_without_a_broker_only_who_is_gone_is_signed_out(
    tmp_path: Path,
) -> None:
    settings = {
        "SESSIONS_HEARTBEAT_SECONDS": str(BEAT_SECONDS),
        "SESSIONS_ACCESS_TOKEN_SECONDS": "3600",
    }
    async with floor(tmp_path, replicas=2, **settings) as here:
        await here.policy(grace_seconds=GRACE_SECONDS)
        async with clients(here) as signed_in:
            gone = list(signed_in)[: SESSIONS // 2]
            here.here.broker.kill()
            for session_id in gone:
                signed_in[session_id].cancel()
            await asyncio.sleep(3 * LEASE.total_seconds())
            back = datetime.now(UTC)
            await here.here.broker.revived()
            await asyncio.sleep((2 * LEASE + SLACK).total_seconds() + GRACE_SECONDS)
            lost, over = await ends(here)
    wrong = {*lost, *over} & set(signed_in) - set(gone)
    early = [at - back for at in (*lost.values(), *over.values()) if at < back + LEASE]
    last = max(over.values()) - back
    print(f"{len(over)} gone, the last after {last}; {len(wrong)} wrong, {len(early)} early")
    assert (wrong, early) == (set(), [])
    assert set(gone) <= set(over)
