"""Whoever was stopped for longer than a lease, client or replica, cannot act on what was lost."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from chassis.testing.eventually import eventually
from switchboard.demo.client import Json
from tests.e2e.floor import Floor, floor
from tests.e2e.separate import DOOMED

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


HEARTBEAT_SECONDS = 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    folder = tmp_path_factory.mktemp("floor")
    beat = {"SESSIONS_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS)}
    async with floor(folder, replicas=2, program=DOOMED, **beat) as opened:
        await opened.agents("alf", "bea", "cyd")
        yield opened


@contextmanager
def client(here: Floor) -> Iterator["subprocess.Popen[str]"]:
    environment = {"URL": here.replicas[0].url}
    with subprocess.Popen(
        (sys.executable, "-m", "tests.e2e.beating_client"),
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def is_over(here: Floor, session: Json) -> None:
    async def signed_out() -> bool:
        return await here.last_of(session["session_id"]) == "AgentSignedOut"

    await eventually(signed_out)


async def test_a_client_stopped_for_longer_than_its_lease_cannot_act_afterwards(
    here: Floor,
) -> None:
    desk = await here.desk("of-clients")
    with client(here) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # A lease does not wait until a program has started.
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        alf = await here.sign_in("alf", "m1", stay_signed_in=False)
        print(alf["access_token"], file=process.stdin, flush=True)
        await asyncio.sleep(alf["lease_seconds"] + HEARTBEAT_SECONDS)
        assert await here.last_of(alf["session_id"]) == "AgentSignedIn"
        process.send_signal(signal.SIGSTOP)
        await is_over(here, alf)
        bea = await here.sign_in("bea", "m1", desk_id=desk)
        assert bea["status"] == 201
        print(desk, file=process.stdin, flush=True)
        process.send_signal(signal.SIGCONT)
        answer = json.loads(await asyncio.to_thread(process.stdout.readline))
    assert answer["status"] == 401
    assert (await here.audit()).taken == {desk: bea["session_id"]}


async def test_a_replica_stopped_before_it_wrote_cannot_write_what_has_become_wrong(
    here: Floor,
) -> None:
    desk = await here.desk("of-replicas")
    cyd = await here.sign_in("cyd", "m3", stay_signed_in=False)
    stopped = here.replicas[0]
    # The heartbeat has been written, the decision made: next is the desk itself.
    stopped.die(1, "before", sent=signal.SIGSTOP)
    body = {"desk_id": desk}
    taking = asyncio.create_task(here.send("PUT", "session/desk", cyd["access_token"], body))
    try:
        await is_over(here, cyd)
        assert not taking.done()
        other = await here.sign_in("alf", "m4", replica=1, desk_id=desk)
        assert other["status"] == 201
    finally:
        stopped.go_on()
    answer = await taking
    assert (answer["status"], answer["reason"]) == (401, "connection_lost")
    assert (await here.audit()).taken[desk] == other["session_id"]
