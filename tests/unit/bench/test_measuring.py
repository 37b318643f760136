"""Ratios are taken from rounds that ran side by side, and targets are judged by them."""

import asyncio

import pytest

from bench.measuring import Line, in_turns, per_second, quantile, rates_of


async def test_each_side_goes_first_every_other_time_and_the_warm_up_does_not_count() -> None:
    turns: list[str] = []

    async def ours() -> float:
        turns.append("ours")
        return 1.0 if len(turns) <= 2 else 30.0

    async def bare() -> float:
        turns.append("bare")
        return 1.0 if len(turns) <= 2 else 40.0

    rates = await in_turns(ours, bare, 2, lambda _: None)
    assert turns == ["bare", "ours", "ours", "bare", "bare", "ours"]
    assert (rates.ours, rates.bare, rates.ratio) == (30.0, 40.0, 0.75)


def test_the_ratio_is_of_rounds_that_ran_side_by_side() -> None:
    slow_and_fast_machine = [(1.0, 2.0), (100.0, 200.0), (10.0, 20.0)]
    assert rates_of(slow_and_fast_machine).ratio == 0.5


async def test_as_many_are_in_flight_as_asked_for() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    assert await per_second([work] * 10, in_flight=4) > 0
    assert most == 4


@pytest.mark.parametrize(("ratio", "reached"), [(0.8, True), (0.79, False)])
def test_a_ratio_reaches_its_target_or_misses_it(ratio: float, reached: bool) -> None:
    line = Line(what="append", unit="/s", ours=1, bare=1, ratio=ratio, least_ratio=0.8)
    assert line.reached is reached


@pytest.mark.parametrize(("seconds", "reached"), [(5.0, True), (5.1, False)])
def test_a_value_reaches_its_target_or_misses_it(seconds: float, reached: bool) -> None:
    assert Line(what="start", unit="s", ours=seconds, most=5.0).reached is reached


def test_without_a_target_nothing_is_missed() -> None:
    assert Line(what="mail", unit="ms", ours=1).reached is None


def test_the_p99_of_a_hundred_values_is_the_slowest() -> None:
    assert quantile(range(100), 0.99) == 99
    assert quantile([1.0], 0.99) == 1.0
