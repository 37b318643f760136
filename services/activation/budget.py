"""How many wrong codes may be tried: counted over all replicas, before anything is looked up.

A try takes a place for the minute, and a right code gives it back. Whoever finds all places taken
waits while those who have them may still turn out to be right.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chassis.addresses import neighbourhood_of, source_of
from chassis.backoff import growing
from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused
from schemas.said import said

WINDOW_SECONDS = 60
SPARE = 10
"""How many times the budget of all is kept for addresses that gave no wrong code lately."""

_WAITS = 16
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.02, 0.4


class TooManyTries(Refused):
    """Too many wrong codes came from this address, or from everywhere together."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            said(
                "Too many activation codes were tried. Wait %(seconds)s seconds, then try again.",
                seconds=seconds,
            ),
            retry_after=seconds,
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """A try, by the counters it stands in; `records` count the wrong codes of its address.

    One from the spare budget is refused as `TooManyTries` if it was wrong: nobody sees that it
    was looked at.
    """

    places: tuple[str, ...]
    records: tuple[str, ...]
    spare: bool = False


@dataclass(frozen=True)
class Budget:
    """A budget per minute for each address and for all together. `digest` hides addresses.

    When the budget of all is used up, an address without a wrong code in this minute and the last
    may still try, one code at a time: exhausting the budget on purpose locks out nobody else.
    """

    counters: Counters
    per_address: int
    in_all: int
    digest: Callable[[str], str]
    clock: Clock

    async def spend(self, address: str) -> Spent:
        """Count a try from an address. Raises `TooManyTries`, `StoreUnavailable`."""
        now = self.clock()
        window = int(now.timestamp()) // WINDOW_SECONDS
        source = self.digest(source_of(address))
        around = self.digest(neighbourhood_of(address))
        own, everybody = f"tries.{window}.{source}", f"tries.{window}.all"
        records = tuple(dict.fromkeys(f"wrong.{window}.{one}" for one in (source, around)))
        await self._enter(own, self.per_address, records[0], now)
        if await self.counters.add(everybody, 1) <= self.in_all:
            return Spent((own, everybody), records)
        # What one is refused for does not eat up what others have.
        await self._leave(everybody)
        try:
            places = await self._spare(window, around, now)
        except TooManyTries:
            await self._leave(own)
            raise
        return Spent((own, *places), records, spare=True)

    async def give_back(self, spent: Spent) -> None:
        """Forget a try: it was not a wrong one. Raises `StoreUnavailable`."""
        await self._leave(*spent.places)

    async def keep(self, spent: Spent) -> None:
        """A wrong code: its places stay taken. Raises `StoreUnavailable`."""
        await asyncio.gather(*(self.counters.add(key, 1) for key in spent.records))

    def used_up(self) -> TooManyTries:
        """What everybody is told who is refused now."""
        return _used_up(self.clock())

    async def _spare(self, window: int, around: str, now: datetime) -> tuple[str, str]:
        place, all_spare = f"spare.{window}.{around}", f"spare.{window}.all"
        record = f"wrong.{window}.{around}"
        for lately in (record, f"wrong.{window - 1}.{around}"):
            if await self._count(lately):
                raise _used_up(now)
        await self._enter(place, 1, record, now)
        if await self.counters.add(all_spare, 1) > SPARE * self.in_all:
            await self._leave(place, all_spare)
            raise _used_up(now)
        return place, all_spare

    async def _enter(self, place: str, most: int, record: str, now: datetime) -> None:
        """Take one of so many places, of which some are kept for good by what is on record."""
        for tries in range(_WAITS):
            if await self.counters.add(place, 1) <= most:
                return
            await self._leave(place)
            if await self._count(record) >= most:
                break
            await asyncio.sleep(growing(tries, _FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS))
        raise _used_up(now)

    async def _count(self, key: str) -> int:
        return await self.counters.add(key, 0)

    async def _leave(self, *places: str) -> None:
        await asyncio.gather(*(self.counters.add(place, -1) for place in places))


def _used_up(now: datetime) -> TooManyTries:
    return TooManyTries(WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS)
