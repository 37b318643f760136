"""Whatever is cut off, and at whichever step, no session, machine or desk is left half taken."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.testing.event_store import MemoryEventStore
from chassis.testing.leases import MemoryLeases
from tests.integration.call_centre import ADA, ALF, BEA, CallCentre, call_centre

MOST_STEPS = 40
Story = Callable[[CallCentre, str], Awaitable[None]]


class Killed(Exception):
    """The process is gone."""


@dataclass
class Fuse:
    """Lets so many writes through; the one after them happens, but nobody lives to see it."""

    left: int | None = None
    blown: bool = False

    def burn(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.blown = True
            raise Killed


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


def armed(here: CallCentre, monkeypatch: pytest.MonkeyPatch, *, before: bool) -> Fuse:
    """Every write may be the last thing that happens, or the first that does not."""
    fuse = Fuse()

    def guarded(owner: type[Any], name: str) -> None:
        write = getattr(owner, name)

        async def burning(self: object, *args: Any, **options: Any) -> Any:
            if before:
                fuse.burn()
            done = await write(self, *args, **options)
            if not before:
                fuse.burn()
            return done

        monkeypatch.setattr(owner, name, burning)

    guarded(MemoryEventStore, "append")
    guarded(MemoryLeases, "hold")
    guarded(type(here.vault), "put")
    return fuse


async def sign_in_at_a_desk(here: CallCentre, desk: str) -> None:
    await here.sign_in(ALF, "m1", desk_id=desk)


async def take_over(here: CallCentre, desk: str) -> None:
    await here.sign_in(ALF, "m2", desk_id=desk)


async def move(here: CallCentre, desk: str) -> None:
    await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)


async def fall_silent(here: CallCentre, _: str) -> None:
    await here.pass_time(60)


async def come_back(here: CallCentre, _: str) -> None:
    await here.beat(ALF)


async def sign_out(here: CallCentre, _: str) -> None:
    await here.send("POST", "/sign-out", who=ALF)


async def withdraw(here: CallCentre, desk: str) -> None:
    await here.send("DELETE", f"/desks/{desk}")


async def nothing(_: CallCentre, __: str) -> None:
    pass


async def lost(here: CallCentre, desk: str) -> None:
    await sign_in_at_a_desk(here, desk)
    await here.pass_time(60, ADA)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("given", "story"),
    [
        (nothing, sign_in_at_a_desk),
        (sign_in_at_a_desk, take_over),
        (sign_in_at_a_desk, move),
        (sign_in_at_a_desk, fall_silent),
        (lost, come_back),
        (sign_in_at_a_desk, sign_out),
        (sign_in_at_a_desk, withdraw),
    ],
    ids=lambda story: story.__name__,
)
async def test_i25_a_crash_leaves_no_orphan(
    here: CallCentre, monkeypatch: pytest.MonkeyPatch, given: Story, story: Story, before: bool
) -> None:
    await here.policy(second_sign_in="takeover")
    fuse = armed(here, monkeypatch, before=before)
    for steps in range(MOST_STEPS):
        desk = await here.desk(str(steps), f"d{steps}")
        await given(here, desk)
        fuse.left, fuse.blown = steps, False
        try:
            await story(here, desk)
        except Killed:
            assert fuse.blown
        cut_off, fuse.left = fuse.blown, None
        # What runs out is told again to whoever lives; then everything is free.
        await settle(here)
        assert set(await here.live()) == {ADA}
        assert await free_again(here, desk)
        await here.send("POST", "/sign-out", who=BEA)
        if not cut_off:
            assert steps > 0
            return
    raise AssertionError("the story does not end")


async def settle(here: CallCentre) -> None:
    for _ in range(5):
        await here.sign_in(ADA)
        await here.pass_time(100)
    await here.sign_in(ADA)


async def free_again(here: CallCentre, desk: str) -> bool:
    answer = await here.sign_in(BEA, "m1", desk_id=desk)
    withdrawn = bool([e for e in here.events("DeskWithdrawn") if e["desk_id"] == desk])
    if withdrawn:
        return answer.status_code == 409 and (await here.sign_in(BEA, "m1")).status_code == 201
    return answer.status_code == 201
