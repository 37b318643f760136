"""How much an organization may do in a minute: counted over all replicas."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused
from schemas.said import said

WINDOW_SECONDS = 60


class AllowanceUsedUp(Refused):
    """The organization has done this too often in this minute."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            said(
                "Your organization has looked up, reissued or mailed too many activation codes in "
                "a minute. Wait %(seconds)s seconds, then go on.",
                seconds=seconds,
            ),
            retry_after=seconds,
        )


@dataclass(frozen=True)
class Allowance:
    """So many times `what` per minute for each organization. `digest` hides organizations."""

    what: str
    counters: Counters
    most: int
    digest: Callable[[str], str]
    clock: Clock

    async def spend(self, organization: str) -> None:
        """Count one more. Raises `AllowanceUsedUp`, `StoreUnavailable`."""
        now = int(self.clock().timestamp())
        window, passed = divmod(now, WINDOW_SECONDS)
        key = f"{self.what}.{window}.{self.digest(organization)}"
        if await self.counters.add(key, 1) > self.most:
            raise AllowanceUsedUp(WINDOW_SECONDS - passed)
