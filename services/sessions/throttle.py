"""How many passwords may be tried: counted over all replicas, before any password is looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import product

from chassis.addresses import source_of
from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused
from chassis.turns import Turns
from schemas.said import said

WINDOWS = ((60, 1), (900, 2), (3600, 4))
"""Seconds, and how many budgets may be spent in them: who goes on waits longer and longer."""

LANES = 16


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


@dataclass(frozen=True)
class Throttle:
    """Budgets of tries for each address and each user id. `digest` hides both.

    A user id counts as typed, whether it exists or not. A machine on which the user has signed in
    before has a budget of its own: strangers who use up the user's do not lock the user out there.

    Failures count, and tries under way, of which nobody knows yet. So that right passwords do not
    use up each other's budget they queue: in one process one try is under way per user id, and
    `LANES` per address.
    """

    counters: Counters
    per_user: int
    per_address: int
    digest: Callable[[str, str], str]
    clock: Clock
    turns: Turns = field(default_factory=Turns, repr=False)

    @asynccontextmanager
    async def tried(
        self, login_id: str, address: str | None, machine: str | None = None
    ) -> AsyncIterator[None]:
        """Count a try while the block looks at the password: for good, if the block raises.

        `machine` instead of an address where the user is known. Raises `TooManyTries`,
        `StoreUnavailable`.
        """
        who = login_id if machine is None else f"{login_id} {machine}"
        budgets = [(self.digest("user", who), self.per_user)]
        async with AsyncExitStack() as queues:
            if address is not None:
                source = source_of(address)
                lane = f"address {source} {hash(login_id) % LANES}"
                await queues.enter_async_context(self.turns.queue(lane))
                # What an address is refused for does not eat up what the user id has.
                budgets.insert(0, (self.digest("address", source), self.per_address))
            await queues.enter_async_context(self.turns.queue(f"user {who}"))
            counted = await self._counted(budgets)
            yield
            await self._give_back(counted)

    async def _counted(self, budgets: Iterable[tuple[str, int]]) -> list[str]:
        now, keys = int(self.clock().timestamp()), list[str]()
        for (who, budget), (seconds, times) in product(budgets, WINDOWS):
            keys.append(f"tries.{seconds}.{now // seconds}.{who}")
            if await self.counters.add(keys[-1], 1) > budget * times:
                # Its password is not looked at, so it is no failure.
                await self._give_back(keys)
                raise TooManyTries(seconds - now % seconds)
        return keys

    async def _give_back(self, keys: Iterable[str]) -> None:
        await asyncio.gather(*(self.counters.add(key, -1) for key in keys))
