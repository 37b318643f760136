"""Tells an end of a lease that stands alone from many at once, whose cause is not their holders."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

FEW = 2
SHARE = 0.2
"""More than a few, and more than this share of the leases heard of lately, are a crowd."""


class Crowd:
    """What was heard of each lease in the last `seconds`: it was held again, or it has ended."""

    def __init__(self, seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._heard: OrderedDict[str, tuple[float, bool]] = OrderedDict()
        self._ends = 0

    def held(self, key: str) -> None:
        """A holder is there."""
        self._hear(key, ended=False)

    def ended(self, key: str) -> bool:
        """A lease has ended; whether so many others have that it says nothing of its holder."""
        self._hear(key, ended=True)
        return self._ends > FEW and self._ends > SHARE * len(self._heard)

    def _hear(self, key: str, *, ended: bool) -> None:
        self._drop(key)
        self._heard[key] = (self._now(), ended)
        self._ends += ended
        while next(iter(self._heard.values()))[0] < self._now() - self._seconds:
            self._drop(next(iter(self._heard)))

    def _drop(self, key: str) -> None:
        _, ended = self._heard.pop(key, (0.0, False))
        self._ends -= ended
