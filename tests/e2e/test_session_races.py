"""Fifty at a time over three processes want one machine, or one desk: exactly one gets it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.floor import Floor, floor, winners

RACERS, REPLICAS = 50, 3
UNHURRIED = "60"
"""No lease ends before the slowest has been answered."""

AGENTS = [f"agent{n}" for n in range(RACERS)]
ROUNDS = [pytest.param(3, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.nightly)]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    async with floor(
        tmp_path_factory.mktemp("floor"), replicas=REPLICAS, SESSIONS_HEARTBEAT_SECONDS=UNHURRIED
    ) as opened:
        await opened.agents(*AGENTS)
        yield opened


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_b9_i22_one_machine_has_one_user_however_many_try(here: Floor, rounds: int) -> None:
    for number in range(rounds):
        tries = (here.sign_in(a, f"one {number}", n % REPLICAS) for n, a in enumerate(AGENTS))
        (winner,) = winners(await asyncio.gather(*tries))
        await here.sign_out(winner["access_token"])
    assert len((await here.audit()).ended) >= rounds


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_b4_i23_one_desk_has_one_guest_however_many_try(here: Floor, rounds: int) -> None:
    desk = await here.desk(f"wanted-{rounds}-times")
    for _ in range(rounds):
        tries = (
            here.sign_in(agent, f"machine of {agent}", n % REPLICAS, desk_id=desk)
            for n, agent in enumerate(AGENTS)
        )
        (winner,) = winners(await asyncio.gather(*tries))
        assert winner["desk"]["id"] == desk
        assert list((await here.audit()).taken) == [desk]
        await here.sign_out(winner["access_token"])
    assert (await here.audit()).taken == {}


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_b10_one_user_on_one_machine_has_one_session_however_often(
    here: Floor, rounds: int
) -> None:
    for number in range(rounds):
        tries = (here.sign_in(AGENTS[0], f"same {number}", n % REPLICAS) for n in range(RACERS))
        same = winners(await asyncio.gather(*tries))
        assert len({one["session_id"] for one in same}) == 1
        assert [one["status"] for one in same].count(201) == 1
        await here.sign_out(same[0]["access_token"])
    await here.audit()


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_i29_one_agent_has_one_session_however_many_machines(
    here: Floor, rounds: int
) -> None:
    for number in range(rounds):
        tries = (
            here.sign_in(AGENTS[1], f"machine {n} of {number}", n % REPLICAS) for n in range(RACERS)
        )
        (winner,) = winners(await asyncio.gather(*tries))
        await here.sign_out(winner["access_token"])
    await here.audit()
