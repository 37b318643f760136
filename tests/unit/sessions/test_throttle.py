"""Wrong passwords cost time, more and more, and on all replicas together."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.counters import LocalCounters
from chassis.keyring import Keyring
from services.sessions.throttle import Spent, Throttle, TooManyTries

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
        await one.spend(login_id, address, machine)
    except TooManyTries as refused:
        return int(refused.details["retry_after"])
    return 0


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
        spent: Spent = await one.spend("alf", HOME)
        await one.give_back(spent)
    assert await wait(one) == 0


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
    spent = await throttle(1).spend("alf@acme.example", HOME, "m1")
    assert len(spent.keys) == 6
    for key in spent.keys:
        assert all(part.isalnum() and part == part.lower() for part in key.split("."))
        assert "alf" not in key
