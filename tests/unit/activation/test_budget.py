"""How many wrong codes may be tried, from one address and in all."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chassis.counters import LocalCounters
from chassis.keyring import Keyring
from services.activation.budget import SPARE, Budget, TooManyTries
from services.activation.codes import Tokens

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


def budget(per_address: int, in_all: int, clock: Clock | None = None) -> Budget:
    digest = Tokens(Keyring.fresh()).source
    return Budget(LocalCounters(), per_address, in_all, digest, clock or Clock())


async def wrong(limit: Budget, address: str, times: int = 1) -> int:
    """How many of these wrong codes were answered as such, not as too many."""
    passed = 0
    for _ in range(times):
        try:
            spent = await limit.spend(address)
        except TooManyTries:
            continue
        await limit.keep(spent)
        passed += not spent.spare
    return passed


async def right(limit: Budget, address: str) -> bool:
    """Whether a right code is let through."""
    try:
        spent = await limit.spend(address)
    except TooManyTries:
        return False
    await asyncio.sleep(0.01)
    await limit.give_back(spent)
    return True


async def exhausted(in_all: int, clock: Clock | None = None) -> Budget:
    """A budget that was used up by so many addresses on purpose."""
    limit = budget(10, in_all, clock)
    for number in range(in_all):
        assert await wrong(limit, f"203.0.113.{number}") == 1
    return limit


async def test_an_address_has_its_tries_and_another_has_its_own() -> None:
    limit = budget(3, 100)
    assert await wrong(limit, "192.0.2.1", 5) == 3
    assert await wrong(limit, "192.0.2.2", 5) == 3


async def test_all_addresses_together_have_a_budget_too() -> None:
    limit = budget(3, 10)
    assert sum([await wrong(limit, f"192.0.2.{n}", 3) for n in range(9)]) == 10


async def test_an_address_that_is_refused_takes_nothing_from_the_others() -> None:
    limit = budget(3, 10)
    assert await wrong(limit, "192.0.2.1", 1000) == 3
    assert sum([await wrong(limit, f"192.0.2.{n}", 3) for n in range(2, 9)]) == 7


async def test_ten_thousand_guesses_from_a_hundred_addresses_are_cut_to_the_budget() -> None:
    limit = budget(10, 600)
    passed = await asyncio.gather(*(wrong(limit, f"192.0.2.{n}", 100) for n in range(100)))
    assert sum(passed) == 600


async def test_whoever_is_refused_is_told_how_long_to_wait() -> None:
    clock = Clock()
    clock.now = NOON + timedelta(seconds=48)
    limit = budget(1, 10, clock)
    assert await wrong(limit, "192.0.2.1") == 1
    with pytest.raises(TooManyTries, match="12 seconds") as refused:
        await limit.spend("192.0.2.1")
    assert refused.value.details == {"retry_after": 12}
    clock.now += timedelta(seconds=12)
    assert await wrong(limit, "192.0.2.1") == 1


async def test_a_try_that_was_given_back_can_be_made_again() -> None:
    limit = budget(2, 2)
    spent = await limit.spend("192.0.2.1")
    assert await wrong(limit, "192.0.2.1") == 1
    await limit.give_back(spent)
    assert await wrong(limit, "192.0.2.1", 2) == 1


async def test_a_try_of_the_minute_before_is_not_given_back_to_this_one() -> None:
    clock = Clock()
    limit = budget(1, 10, clock)
    spent = await limit.spend("192.0.2.1")
    clock.now += timedelta(minutes=1)
    await limit.give_back(spent)
    assert await wrong(limit, "192.0.2.1", 3) == 1


async def test_one_ipv6_customer_is_one_address() -> None:
    limit = budget(3, 100)
    tries = [await wrong(limit, f"2001:db8::{n}") for n in range(1, 6)]
    assert sum(tries) == 3
    assert await wrong(limit, "2001:db8:0:1::1") == 1


async def test_no_address_stands_in_the_name_of_a_counter() -> None:
    limit = budget(1, 1)
    spent = await limit.spend("192.0.2.1")
    keys = (*spent.places, *spent.records)
    assert len(keys) == 3
    assert not any("192.0.2" in key or "192-0-2" in key for key in keys)


async def test_right_codes_of_a_whole_office_behind_one_address_all_pass() -> None:
    limit = budget(3, 1000)
    assert await wrong(limit, "192.0.2.1", 2) == 2
    assert all(await asyncio.gather(*(right(limit, "192.0.2.1") for _ in range(20))))


async def test_whoever_waits_behind_wrong_codes_is_refused_once_they_are_known_as_such() -> None:
    limit = budget(2, 1000)
    first, second = await limit.spend("192.0.2.1"), await limit.spend("192.0.2.1")
    waiting = asyncio.create_task(limit.spend("192.0.2.1"))
    await asyncio.sleep(0.03)
    assert not waiting.done()
    await limit.keep(first)
    await limit.keep(second)
    with pytest.raises(TooManyTries):
        await waiting


async def test_whoever_exhausts_the_budget_of_all_locks_out_nobody_with_a_right_code() -> None:
    limit = await exhausted(20)
    assert await wrong(limit, "203.0.113.1", 5) == 0
    assert not await right(limit, "203.0.113.1")
    assert all(await asyncio.gather(*(right(limit, "192.0.2.1") for _ in range(5))))


async def test_a_wrong_code_from_the_spare_budget_is_told_as_too_many_and_was_the_last() -> None:
    limit = await exhausted(20)
    spent = await limit.spend("192.0.2.1")
    assert spent.spare
    await limit.keep(spent)
    assert not await right(limit, "192.0.2.1")


async def test_an_address_with_a_wrong_code_a_minute_ago_gets_nothing_of_the_spare_budget() -> None:
    clock = Clock()
    limit = budget(10, 1, clock)
    await limit.keep(await limit.spend("192.0.2.1"))
    clock.now += timedelta(minutes=1)
    assert await wrong(limit, "203.0.113.1") == 1
    assert not await right(limit, "192.0.2.1")
    assert await right(limit, "192.0.2.2")
    clock.now += timedelta(minutes=1)
    assert await wrong(limit, "203.0.113.2") == 1
    assert await right(limit, "192.0.2.1")


async def test_the_spare_budget_has_an_end_too() -> None:
    limit = await exhausted(2)
    looked_at = 0
    for number in range(5 * SPARE):
        try:
            await limit.keep(await limit.spend(f"192.0.2.{number}"))
        except TooManyTries:
            continue
        looked_at += 1
    assert looked_at == 2 * SPARE


async def test_all_networks_of_one_ipv6_customer_have_one_try_of_the_spare_budget() -> None:
    limit = await exhausted(2)
    await limit.keep(await limit.spend("2001:db8:0:1::1"))
    assert not await right(limit, "2001:db8:0:2::1")
    assert await right(limit, "2001:db8:1:1::1")
