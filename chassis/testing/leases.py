"""Leases in memory: the contract of `Leases` in its simplest form."""

import math
from datetime import datetime, timedelta

from chassis.cause import Clock, system_clock
from chassis.leases import Lease, LeaseMoved


class MemoryLeases:
    """`Leases` for one test. Time passes with `clock`; `ends()` tells which have run out."""

    def __init__(self, clock: Clock = system_clock, steady_seconds: float = math.inf) -> None:
        self.steady_seconds = steady_seconds
        self._clock = clock
        self._held: dict[str, tuple[datetime | None, int]] = {}
        self._revision = 0

    def ends(self) -> list[tuple[str, int]]:
        """Keys and revisions of what has run out since it was last asked."""
        now, over = self._clock(), []
        for key, (until, _) in list(self._held.items()):
            if until is not None and until <= now:
                self._revision += 1
                self._held[key] = None, self._revision
                over.append((key, self._revision))
        return over

    async def look(self, key: str) -> Lease:
        """The lease as it is now."""
        until, revision = self._held.get(key, (None, 0))
        return Lease(until is not None and until > self._clock(), revision)

    async def hold(self, key: str, seconds: float, *, revision: int | None = None) -> None:
        """Hold it from now on. Raises `LeaseMoved`."""
        if revision not in (None, self._held.get(key, (None, 0))[1]):
            raise LeaseMoved(f"{key} has changed: look at it again.")
        self._revision += 1
        until = self._clock() + timedelta(seconds=max(1, math.ceil(seconds)))
        self._held[key] = until, self._revision
