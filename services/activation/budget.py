"""How many wrong codes may be tried. The counters here are those of one process."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from chassis.cause import Clock
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


class Budget(Protocol):
    """Counts tries before anything is looked up, so that parallel ones cannot slip through."""

    async def spend(self, address: str) -> None:
        """Count a try from an address. Raises `TooManyTries`."""
        ...

    async def give_back(self, address: str) -> None:
        """Forget a try: it was not a wrong one."""
        ...


@dataclass
class LocalBudget:
    """A budget per minute, kept in memory: at most `in_all` addresses are remembered."""

    per_address: int
    in_all: int
    clock: Clock
    _window: int = 0
    _tries: Counter[str] = field(default_factory=Counter)

    async def spend(self, address: str) -> None:
        """Count a try from an address. Raises `TooManyTries`."""
        now = self.clock()
        self._turn(now)
        source = _source(address)
        if self._tries[source] >= self.per_address or self._tries.total() >= self.in_all:
            raise TooManyTries(WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS)
        self._tries[source] += 1

    async def give_back(self, address: str) -> None:
        """Forget a try: it was not a wrong one."""
        self._turn(self.clock())
        self._tries.subtract({_source(address): min(1, self._tries[_source(address)])})

    def _turn(self, now: datetime) -> None:
        window = int(now.timestamp()) // WINDOW_SECONDS
        if window != self._window:
            self._window = window
            self._tries.clear()


def _source(address: str) -> str:
    """Who is counted: an IPv4 address, or the network that one IPv6 customer has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else address
