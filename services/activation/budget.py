"""How many wrong codes may be tried: counted over all replicas, before anything is looked up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chassis.addresses import source_of
from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused

WINDOW_SECONDS = 60


class TooManyTries(Refused):
    """Too many wrong codes came from this address, or from everywhere together."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many activation codes were tried. Wait {seconds} seconds, then try again.",
            retry_after=seconds,
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """A try that was counted, by the counters it stands in."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Budget:
    """A budget per minute for each address and for all together. `digest` hides addresses."""

    counters: Counters
    per_address: int
    in_all: int
    digest: Callable[[str], str]
    clock: Clock

    async def spend(self, address: str) -> Spent:
        """Count a try from an address. Raises `TooManyTries`, `StoreUnavailable`."""
        now = self.clock()
        window = int(now.timestamp()) // WINDOW_SECONDS
        own = f"tries.{window}.{self.digest(source_of(address))}"
        everybody = f"tries.{window}.all"
        # What an address is refused for does not eat up what all have together.
        await self._count(own, self.per_address, now)
        await self._count(everybody, self.in_all, now)
        return Spent((own, everybody))

    async def give_back(self, spent: Spent) -> None:
        """Forget a try: it was not a wrong one. Raises `StoreUnavailable`."""
        await asyncio.gather(*(self.counters.add(key, -1) for key in spent.keys))

    async def _count(self, key: str, most: int, now: datetime) -> None:
        if await self.counters.add(key, 1) > most:
            raise TooManyTries(WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS)
