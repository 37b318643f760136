"""How many wrong codes may be tried, from one address and in all."""

from datetime import UTC, datetime, timedelta

import pytest

from services.activation.budget import LocalBudget, TooManyTries

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


async def spend(budget: LocalBudget, address: str, times: int = 1) -> int:
    """How many of these tries were let through."""
    passed = 0
    for _ in range(times):
        try:
            await budget.spend(address)
        except TooManyTries:
            continue
        passed += 1
    return passed


async def test_an_address_has_its_tries_and_another_has_its_own() -> None:
    budget = LocalBudget(3, 100, Clock())
    assert await spend(budget, "192.0.2.1", 5) == 3
    assert await spend(budget, "192.0.2.2", 5) == 3


async def test_all_addresses_together_have_a_budget_too() -> None:
    budget = LocalBudget(3, 10, Clock())
    assert sum([await spend(budget, f"192.0.2.{n}", 3) for n in range(9)]) == 10


async def test_whoever_is_refused_is_told_how_long_to_wait() -> None:
    clock = Clock()
    clock.now = NOON + timedelta(seconds=48)
    budget = LocalBudget(1, 10, clock)
    await budget.spend("192.0.2.1")
    with pytest.raises(TooManyTries, match="12 seconds") as refused:
        await budget.spend("192.0.2.1")
    assert refused.value.details == {"retry_after": 12}
    clock.now += timedelta(seconds=12)
    assert await spend(budget, "192.0.2.1") == 1


async def test_a_try_that_was_given_back_can_be_made_again() -> None:
    budget = LocalBudget(2, 10, Clock())
    assert await spend(budget, "192.0.2.1", 2) == 2
    await budget.give_back("192.0.2.1")
    assert await spend(budget, "192.0.2.1", 2) == 1


async def test_a_try_of_the_minute_before_cannot_be_given_back_twice() -> None:
    clock = Clock()
    budget = LocalBudget(1, 10, clock)
    await budget.spend("192.0.2.1")
    clock.now += timedelta(minutes=1)
    await budget.give_back("192.0.2.1")
    assert await spend(budget, "192.0.2.1", 3) == 1


async def test_one_ipv6_customer_is_one_address() -> None:
    budget = LocalBudget(3, 100, Clock())
    tries = [await spend(budget, f"2001:db8::{n}") for n in range(1, 6)]
    assert sum(tries) == 3
    assert await spend(budget, "2001:db8:0:1::1") == 1
