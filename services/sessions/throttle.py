"""How many passwords may be tried: counted over all replicas, before any password is looked at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from chassis.addresses import source_of
from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused
from schemas.said import said

WINDOWS = ((60, 1), (900, 2), (3600, 4))
"""Seconds, and how many budgets may be spent in them: who goes on waits longer and longer."""


class TooManyTries(Refused):
    """Too many wrong passwords were given for this user id, or from this address."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            said(
                "Too many sign-ins have failed. Wait %(seconds)s seconds, then try again.",
                seconds=seconds,
            ),
            retry_after=seconds,
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """A try that was counted, by the counters it stands in."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Throttle:
    """Budgets of tries for each address and each user id. `digest` hides both.

    A user id counts as typed, whether it exists or not. A machine on which the user has signed in
    before has a budget of its own: strangers who use up the user's do not lock the user out there.
    """

    counters: Counters
    per_user: int
    per_address: int
    digest: Callable[[str, str], str]
    clock: Clock

    async def spend(self, login_id: str, address: str | None, machine: str | None = None) -> Spent:
        """Count a try; `machine` instead of an address where the user is known.

        Raises `TooManyTries`, `StoreUnavailable`.
        """
        keys: list[str] = []
        # What an address is refused for does not eat up what the user id has.
        if address is not None:
            keys += await self._count(self.digest("address", source_of(address)), self.per_address)
        who = login_id if machine is None else f"{login_id} {machine}"
        keys += await self._count(self.digest("user", who), self.per_user)
        return Spent(tuple(keys))

    async def give_back(self, spent: Spent) -> None:
        """Forget a try: the password was right. Raises `StoreUnavailable`."""
        await asyncio.gather(*(self.counters.add(key, -1) for key in spent.keys))

    async def _count(self, who: str, budget: int) -> list[str]:
        now, keys = int(self.clock().timestamp()), []
        for seconds, budgets in WINDOWS:
            key = f"tries.{seconds}.{now // seconds}.{who}"
            if await self.counters.add(key, 1) > budget * budgets:
                raise TooManyTries(seconds - now % seconds)
            keys.append(key)
        return keys
