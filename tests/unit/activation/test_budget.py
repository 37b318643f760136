"""How many wrong codes may be tried, from one address and in all."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chassis.counters import LocalCounters
from chassis.keyring import Keyring
from services.activation.budget import Budget, TooManyTries
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


async def spend(limit: Budget, address: str, times: int = 1) -> int:
    """How many of these tries were let through."""
    passed = 0
    for _ in range(times):
        try:
            await limit.spend(address)
        except TooManyTries:
            continue
        passed += 1
    return passed


async def test_an_address_has_its_tries_and_another_has_its_own() -> None:
    limit = budget(3, 100)
    assert await spend(limit, "192.0.2.1", 5) == 3
    assert await spend(limit, "192.0.2.2", 5) == 3


async def test_all_addresses_together_have_a_budget_too() -> None:
    limit = budget(3, 10)
    assert sum([await spend(limit, f"192.0.2.{n}", 3) for n in range(9)]) == 10


async def test_an_address_that_is_refused_takes_nothing_from_the_others() -> None:
    limit = budget(3, 10)
    assert await spend(limit, "192.0.2.1", 1000) == 3
    assert sum([await spend(limit, f"192.0.2.{n}", 3) for n in range(2, 9)]) == 7


async def test_ten_thousand_guesses_from_a_hundred_addresses_are_cut_to_the_budget() -> None:
    limit = budget(10, 600)
    passed = await asyncio.gather(*(spend(limit, f"192.0.2.{n}", 100) for n in range(100)))
    assert sum(passed) == 600


async def test_whoever_is_refused_is_told_how_long_to_wait() -> None:
    clock = Clock()
    clock.now = NOON + timedelta(seconds=48)
    limit = budget(1, 10, clock)
    await limit.spend("192.0.2.1")
    with pytest.raises(TooManyTries, match="12 seconds") as refused:
        await limit.spend("192.0.2.1")
    assert refused.value.details == {"retry_after": 12}
    clock.now += timedelta(seconds=12)
    assert await spend(limit, "192.0.2.1") == 1


async def test_a_try_that_was_given_back_can_be_made_again() -> None:
    limit = budget(2, 2)
    spent = await limit.spend("192.0.2.1")
    assert await spend(limit, "192.0.2.1") == 1
    await limit.give_back(spent)
    assert await spend(limit, "192.0.2.1", 2) == 1


async def test_a_try_of_the_minute_before_is_not_given_back_to_this_one() -> None:
    clock = Clock()
    limit = budget(1, 10, clock)
    spent = await limit.spend("192.0.2.1")
    clock.now += timedelta(minutes=1)
    await limit.give_back(spent)
    assert await spend(limit, "192.0.2.1", 3) == 1


async def test_one_ipv6_customer_is_one_address() -> None:
    limit = budget(3, 100)
    tries = [await spend(limit, f"2001:db8::{n}") for n in range(1, 6)]
    assert sum(tries) == 3
    assert await spend(limit, "2001:db8:0:1::1") == 1


async def test_no_address_stands_in_the_name_of_a_counter() -> None:
    limit = budget(1, 1)
    spent = await limit.spend("192.0.2.1")
    assert len(spent.keys) == 2
    assert not any("192.0.2" in key or "192-0-2" in key for key in spent.keys)
