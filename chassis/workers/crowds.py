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


class Reprieves:
    """Puts each end off once that comes in a crowd, by `seconds`, so that holders come first.

    Counted here, not by deliveries: a message comes again as well when its worker was killed, or
    was too busy to say that it is at work. `MOST` ends what would be put off for ever, by one
    worker after the other.
    """

    MOST = 5

    def __init__(self, seconds: float, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._until: dict[int, float] = {}
        self.crowd = Crowd(seconds / 3, now)

    def left(self, key: str, end: int, deliveries: int) -> float:
        """For how many seconds this end is put off from now on; 0 if it is to be told."""
        in_crowd = self.crowd.ended(key)
        if end in self._until:
            return max(0.0, self._until[end] - self._now())
        if not in_crowd or deliveries > self.MOST:
            return 0.0
        self._forget()
        self._until[end] = self._now() + self._seconds
        return self._seconds

    def over(self, end: int) -> None:
        """This end has been dealt with."""
        self._until.pop(end, None)

    def _forget(self) -> None:
        # What another worker has dealt with would stay for ever.
        long_ago = self._now() - self._seconds
        while self._until and next(iter(self._until.values())) < long_ago:
            self._until.pop(next(iter(self._until)))
