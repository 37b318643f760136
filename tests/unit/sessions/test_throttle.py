"""Wrong passwords cost time, more and more."""

from datetime import UTC, datetime, timedelta

import pytest

from services.sessions.throttle import Throttle, TooManyTries


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def wait(throttle: Throttle, login_id: str = "alf", address: str = "192.0.2.1") -> int:
    try:
        throttle.check(login_id, address)
    except TooManyTries as refused:
        return int(refused.details["retry_after"])
    return 0


def test_the_first_failures_are_free_then_waiting_times_double() -> None:
    clock = Clock()
    throttle, waits = Throttle(3, 1000, clock), []
    for _ in range(12):
        waits.append(wait(throttle))
        clock.forward(waits[-1])
        throttle.failed("alf", "192.0.2.1")
    assert waits == [0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_waiting_is_over_when_the_time_is_over() -> None:
    clock = Clock()
    throttle = Throttle(1, 1000, clock)
    throttle.failed("alf", "192.0.2.1")
    clock.forward(14)
    assert wait(throttle) == 1
    clock.forward(1)
    assert wait(throttle) == 0


def test_a_right_password_ends_the_wait_of_the_user_not_of_the_address() -> None:
    throttle = Throttle(1, 2, Clock())
    throttle.failed("alf", "192.0.2.1")
    throttle.failed("bea", "192.0.2.1")
    throttle.succeeded("alf")
    assert wait(throttle, "alf", "192.0.2.2") == 0
    assert wait(throttle, "alf", "192.0.2.1") == 15
    assert wait(throttle, "bea", "192.0.2.2") == 15


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one: str, other: str, same: bool) -> None:
    throttle = Throttle(1000, 1, Clock())
    throttle.failed("alf", one)
    assert (wait(throttle, "bea", other) > 0) is same


def test_an_hour_later_everything_is_forgotten() -> None:
    clock = Clock()
    throttle = Throttle(1, 1000, clock)
    for _ in range(20):
        throttle.failed("alf", "192.0.2.1")
    clock.forward(3601)
    assert wait(throttle) == 0
    throttle.failed("alf", "192.0.2.1")
    assert wait(throttle) == 15


def test_no_more_is_remembered_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.sessions.throttle.REMEMBERED", 4)
    throttle = Throttle(1, 1, Clock())
    for number in range(10):
        throttle.failed(f"user {number}", f"192.0.2.{number}")
    assert wait(throttle, "user 0", "192.0.2.0") == 0
    assert wait(throttle, "user 9", "192.0.2.9") == 15
