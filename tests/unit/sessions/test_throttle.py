"""Wrong passwords cost time, more and more, and on all replicas together."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.auth import Unauthenticated
from chassis.counters import LocalCounters
from chassis.keyring import Keyring
from services.sessions.throttle import LANES, Throttle, TooManyTries

HOME = "192.0.2.1"
KEYRING = Keyring.fresh()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def throttle(per_user: int, per_address: int = 1000, clock: Clock | None = None) -> Throttle:
    return Throttle(LocalCounters(), per_user, per_address, KEYRING.fingerprint, clock or Clock())


async def wait(
    one: Throttle, login_id: str = "alf", address: str | None = HOME, machine: str | None = None
) -> int:
    """How long somebody has to wait who fails now; 0 for a try that was allowed."""
    try:
        async with one.tried(login_id, address, machine):
            raise Unauthenticated("wrong")
    except TooManyTries as refused:
        return int(refused.details["retry_after"])
    except Unauthenticated:
        return 0


async def succeed(one: Throttle, login_id: str = "alf", address: str | None = HOME) -> None:
    """A right password, which takes a while to be found right."""
    async with one.tried(login_id, address):
        await asyncio.sleep(0)


async def test_the_first_failures_are_free_then_waits_grow() -> None:
    clock = Clock()
    one = throttle(3, clock=clock)
    waits: list[int] = []
    while len(waits) < 7:
        if seconds := await wait(one):
            waits.append(seconds)
            clock.now += timedelta(seconds=seconds)
    assert waits == [60, 60, 780, 60, 60, 780, 1800]


async def test_whoever_asks_again_while_waiting_does_not_wait_longer() -> None:
    clock = Clock()
    one = throttle(2, clock=clock)
    assert [await wait(one) for _ in range(20)] == [0, 0] + [60] * 18
    clock.now += timedelta(seconds=60)
    assert await wait(one) == 0


async def test_right_passwords_cost_nothing() -> None:
    one = throttle(1, 1)
    for _ in range(20):
        await succeed(one)
    assert await wait(one) == 0


async def test_right_passwords_at_the_same_time_wait_for_each_other() -> None:
    one = throttle(1)
    await asyncio.gather(*(succeed(one, address=f"192.0.2.{n}") for n in range(50)))
    assert await wait(one) == 0


async def test_as_many_may_sign_in_at_once_from_an_address_as_there_are() -> None:
    one = throttle(1, LANES)
    await asyncio.gather(*(succeed(one, f"agent{number}") for number in range(50 * LANES)))
    assert await wait(one) == 0


async def test_wrong_passwords_at_the_same_time_are_no_more_than_one_after_the_other() -> None:
    one = throttle(3)
    waits = await asyncio.gather(*(wait(one, address=f"192.0.2.{n}") for n in range(50)))
    assert waits.count(0) == 3


async def test_a_try_that_is_refused_costs_nobody_anything() -> None:
    one = throttle(1, 3)
    assert [await wait(one, "alf") for _ in range(9)] == [0] + [60] * 8
    assert [await wait(one, who) for who in ("bea", "cyd", "dan")] == [0, 0, 60]


async def test_two_replicas_count_together() -> None:
    one = throttle(2)
    other = Throttle(one.counters, 2, 1000, KEYRING.fingerprint, one.clock)
    assert [await wait(one), await wait(other), await wait(one), await wait(other)] == [
        0,
        0,
        60,
        60,
    ]


async def test_strangers_do_not_lock_a_user_out_of_a_known_machine() -> None:
    one = throttle(1)
    assert [await wait(one), await wait(one)] == [0, 60]
    assert await wait(one, machine="m1") == 0
    assert await wait(one, machine="m1") == 60
    assert await wait(one, machine="m2") == 0


async def test_what_an_address_is_refused_for_is_not_counted_for_the_user() -> None:
    one = throttle(1, 1)
    assert [await wait(one, "bea"), await wait(one, "alf")] == [0, 60]
    assert await wait(one, "alf", "192.0.2.2") == 0


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
async def test_an_ipv6_network_counts_as_one_address(first: str, second: str, same: bool) -> None:
    one = throttle(1000, 1)
    await wait(one, "alf", first)
    assert (await wait(one, "bea", second) > 0) is same


async def test_whoever_is_signed_in_is_not_counted_by_address() -> None:
    one = throttle(1000, 1)
    assert [await wait(one, "alf", None) for _ in range(3)] == [0, 0, 0]


async def test_no_counter_names_anybody() -> None:
    counters = LocalCounters()
    one = replace(throttle(1), counters=counters)
    await wait(one, "alf@acme.example", HOME, "m1")
    keys = list(counters._counts)
    assert len(keys) == 6
    for key in keys:
        assert all(part.isalnum() and part == part.lower() for part in key.split("."))
        assert "alf" not in key
