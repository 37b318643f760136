"""Rounds: what a worker looks after from time to time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from chassis.rounds import Round
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.workers.rounds import Rounds


async def reached(condition: Callable[[], object]) -> None:
    async def told() -> object:
        return condition()

    await eventually(told)


@asynccontextmanager
async def going(
    go: Callable[[], Awaitable[bool]], seconds: float, beat: Callable[[], object] = lambda: None
) -> AsyncIterator[Rounds]:
    rounds = Rounds("test", Round("round", seconds, go), beat)
    running = asyncio.create_task(rounds.run())
    try:
        yield rounds
    finally:
        rounds.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def test_what_has_more_to_do_goes_on_at_once_and_then_pauses() -> None:
    rounds = 0

    async def go() -> bool:
        nonlocal rounds
        rounds += 1
        return rounds < 5

    beats: list[None] = []
    async with going(go, 3600, lambda: beats.append(None)):
        await reached(lambda: len(beats) == 5)
        await asyncio.sleep(0.05)
    assert (rounds, len(beats)) == (5, 5)


async def test_it_goes_again_after_a_pause() -> None:
    rounds = 0

    async def go() -> bool:
        nonlocal rounds
        rounds += 1
        return False

    async with going(go, 0.02):
        await reached(lambda: rounds > 3)


async def test_a_round_that_fails_is_told_and_gone_again() -> None:
    fails = True

    async def go() -> bool:
        if fails:
            raise ConnectionError("nobody there")
        return False

    async with going(go, 0.02) as rounds:
        await reached(lambda: rounds.failure)
        assert "ConnectionError" in str(await rounds.check())
        fails = False
        await reached(lambda: rounds.failure is None)
        assert await rounds.check() is None
