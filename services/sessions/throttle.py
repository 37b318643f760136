"""How many wrong passwords may be tried, and how long to wait after. Counted in this process."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from chassis.cause import Clock
from chassis.decider import Refused

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15, 900
FORGOTTEN_AFTER = timedelta(hours=1)
REMEMBERED = 100_000


class TooManyTries(Refused):
    """Too many wrong passwords were given for this user id, or from this address."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many sign-ins have failed. Wait {seconds} seconds, then try again.",
            retry_after=seconds,
        )


@dataclass(slots=True)
class _Tries:
    failed: int
    last: datetime


@dataclass
class Throttle:
    """Waiting times that double with every further failure, up to a quarter of an hour.

    A user id counts as typed, whether it exists or not. Right passwords end the wait of the id.
    """

    per_user: int
    per_address: int
    clock: Clock
    _kept: OrderedDict[str, _Tries] = field(default_factory=OrderedDict)

    def check(self, login_id: str, address: str) -> None:
        """Whether a try may be made now. Raises `TooManyTries`."""
        waits = [self._wait(key, free) for key, free in self._keys(login_id, address)]
        if (longest := max(waits)) > 0:
            raise TooManyTries(ceil(longest))

    def failed(self, login_id: str, address: str) -> None:
        """Count a failure."""
        for key, _ in self._keys(login_id, address):
            tries = self._kept.pop(key, None) or _Tries(0, self.clock())
            self._kept[key] = _Tries(tries.failed + 1, self.clock())
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def succeeded(self, login_id: str) -> None:
        """Forget the failures of a user id."""
        self._kept.pop(f"user {login_id}", None)

    def _keys(self, login_id: str, address: str) -> tuple[tuple[str, int], ...]:
        source = f"address {_source(address)}"
        return (f"user {login_id}", self.per_user), (source, self.per_address)

    def _wait(self, key: str, free: int) -> float:
        tries = self._kept.get(key)
        if tries is None or tries.failed < free:
            return 0.0
        passed = self.clock() - tries.last
        if passed > FORGOTTEN_AFTER:
            del self._kept[key]
            return 0.0
        wait = min(FIRST_WAIT_SECONDS * 2.0 ** (tries.failed - free), LONGEST_WAIT_SECONDS)
        return wait - passed.total_seconds()


def _source(address: str) -> str:
    """Who is counted: an IPv4 address, or the network that one IPv6 customer has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else address
