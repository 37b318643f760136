"""Nothing is taken away while something else needs it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Unknown
from chassis.event_store import Claim
from chassis.testing.eventually import PATIENCE_SECONDS
from chassis.turns import Turns
from chassis.uses import Close, Free, StillInUse, Use, holder_after

CLAIM = Claim("provisioning", "acme", "use_sip_account", "a1")
USE, FREE, CLOSE = Use(CLAIM, Unknown("gone")), Free(CLAIM), Close(CLAIM)


def after(*wishes: Use | Free | Close) -> str | None:
    holder: str | None = None
    for wish in wishes:
        holder = holder_after(wish, holder)
    return holder


def test_what_nobody_needs_can_go() -> None:
    assert after(CLOSE) == after(USE, FREE, CLOSE)


def test_what_somebody_needs_stays_and_says_how_many() -> None:
    with pytest.raises(StillInUse) as refused:
        after(USE, USE, USE, FREE, CLOSE)
    assert refused.value.count == 2
    assert refused.value.details == {"used_by_count": 2}


def test_the_last_one_stays_where_somebody_must_be_left() -> None:
    last = Free(CLAIM, Unknown("nobody left"))
    assert after(USE, USE, last) == after(USE)
    with pytest.raises(Unknown):
        after(USE, USE, last, last)


def test_what_is_gone_cannot_be_needed_again() -> None:
    with pytest.raises(Unknown):
        after(CLOSE, USE)


@given(st.lists(st.sampled_from([USE, FREE, CLOSE]), max_size=30))
def test_the_count_is_that_of_uses_without_their_ends(wishes: list[Use | Free | Close]) -> None:
    holder, count, closed = None, 0, False
    for wish in wishes:
        try:
            holder = holder_after(wish, holder)
        except (StillInUse, Unknown):
            continue
        closed = closed or wish is CLOSE
        count = max(count + {id(USE): 1, id(FREE): -1}.get(id(wish), 0), 0)
    assert not (closed and count)
    if not closed:
        assert holder == (f"users:{count}" if count else None)


async def test_commands_take_turns_at_a_name_whatever_order_they_ask_in() -> None:
    turns, inside, most = Turns(), 0, 0

    async def work(names: list[str]) -> None:
        nonlocal inside, most
        async with turns.kept() as kept:
            await kept.take(names[:1])
            await kept.take(names)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(work(["a", "b"] if n % 2 else ["b", "a", "a"]) for n in range(20)))
    assert most == 1
