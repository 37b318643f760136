"""How things are measured: ours and bare in turns, so that a busy machine hits both alike."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Report = Callable[[str, float, float], None]
"""Told what is going on, how much of it is done, and how much there is to do."""

Work = Callable[[], Awaitable[object]]

Round = Callable[[], Awaitable[float]]
"""Works for a moment and answers how much it did per second."""


class NotHere(Exception):
    """This machine lacks what the measurement needs. The text says what to do."""


@dataclass(frozen=True)
class Bench:
    """What every measurement gets: a folder to work in, and whether to be quick about it."""

    folder: Path
    quick: bool
    report: Report


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measured value. `least_ratio` is a target for the ratio, `most` one for the value."""

    what: str
    unit: str
    ours: float
    bare: float | None = None
    ratio: float | None = None
    least_ratio: float | None = None
    most: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is met, None where there is none."""
        if self.least_ratio is not None and self.ratio is not None:
            return self.ratio >= self.least_ratio
        return None if self.most is None else self.ours <= self.most


@dataclass(frozen=True, slots=True)
class Rates:
    """Medians over all rounds, and the median of ours : bare of rounds that ran side by side."""

    ours: float
    bare: float
    ratio: float


async def in_turns(ours: Round, bare: Round, rounds: int, told: Callable[[int], object]) -> Rates:
    """Ours, bare, bare, ours … for so many rounds each, after a round of each to warm up."""
    pairs: list[tuple[float, float]] = []
    # What was imported and made before is looked through by no collection from now on.
    gc.freeze()
    for number in range(rounds + 1):
        order = (ours, bare) if number % 2 else (bare, ours)
        gc.collect()
        rates = [await turn() for turn in order]
        pairs.append((rates[0], rates[1]) if number % 2 else (rates[1], rates[0]))
        told(number)
    return rates_of(pairs[1:])


def rates_of(pairs: Iterable[tuple[float, float]]) -> Rates:
    """What rounds of ours and bare amount to."""
    ours, bare = zip(*(pairs := list(pairs)), strict=True)
    return Rates(median(ours), median(bare), median(a / b for a, b in pairs))


async def per_second(works: Iterable[Work], in_flight: int) -> float:
    """How many of these are done in a second when so many run at a time."""
    waiting = list(works)
    rest = iter(waiting)
    began = time.perf_counter()
    await asyncio.gather(*(_one_after_the_other(rest) for _ in range(in_flight)))
    return len(waiting) / (time.perf_counter() - began)


async def _one_after_the_other(works: Iterator[Work]) -> None:
    for work in works:
        await work()


async def milliseconds(work: Work) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def quantile(values: Iterable[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
