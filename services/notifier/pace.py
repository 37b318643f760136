"""How many mails may go out in a while: nobody is flooded, no organization crowds out others."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from chassis.cause import Clock
from chassis.counters import Counters
from chassis.reactions import RetryLater


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many in each window of so many seconds."""

    most: int
    seconds: int

    def window(self, now: float) -> int:
        """The number of the window that a moment lies in, in seconds of Unix time."""
        return int(now) // self.seconds

    def wait(self, now: float, place: int) -> float:
        """Seconds until the window that has room for whoever came in this place."""
        ahead = (place - 1) // self.most
        return (self.window(now) + ahead) * self.seconds - now


@dataclass
class Room:
    """Room for one mail, by the counters it stands in."""

    keys: list[str] = field(default_factory=list)

    def take(self) -> None:
        """The mail is on its way: its room is not given back."""
        self.keys.clear()


@dataclass(frozen=True)
class Paces:
    """The pace per recipient and per organization, over all workers. `digest` hides addresses."""

    counters: Counters
    recipient: Pace
    organization: Pace
    digest: Callable[..., str]
    clock: Clock

    @asynccontextmanager
    async def room(self, organization: str, address: str) -> AsyncIterator[Room]:
        """Room for one mail, given back unless it is taken.

        Raises `RetryLater`, with a pause that spreads those who wait; `StoreUnavailable`.
        """
        room = Room()
        try:
            # What one address is refused for does not eat up what the organization may send.
            await self._count(room, self.recipient, "to", organization, address.casefold())
            await self._count(room, self.organization, "of", organization)
            yield room
        finally:
            for key in room.keys:
                await self.counters.add(key, -1)

    async def _count(self, room: Room, pace: Pace, kind: str, *whom: str) -> None:
        now = self.clock().timestamp()
        key = f"{kind}.{pace.window(now)}.{self.digest(*whom)}"
        place = await self.counters.add(key, 1)
        if place > pace.most:
            reason = "as many mails as allowed have gone out lately"
            raise RetryLater(reason, pace.wait(now, place))
        room.keys.append(key)
