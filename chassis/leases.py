"""The port to leases: what is held for some seconds, and whose end somebody is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


class LeaseMoved(Exception):
    """Somebody else has held the lease since it was looked at, or it has run out."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it is now. `revision` changes whenever it is held or runs out (0: never held)."""

    held: bool = False
    revision: int = 0


class Leases(Protocol):
    """Leases of one service. Keys are dot-separated tokens without names.

    Only the broker's clock counts. A lease that ran out while the broker was away is over when
    the broker is back.
    """

    @property
    def steady_seconds(self) -> float:
        """For how long the broker has been reachable from here without a break."""
        ...

    async def look(self, key: str) -> Lease:
        """The lease as it is now. Raises `StoreUnavailable`."""
        ...

    async def hold(self, key: str, seconds: float, *, revision: int | None = None) -> None:
        """Hold it from now on; with `revision` only if it is still as it was looked at.

        At least one second, whole seconds. Raises `LeaseMoved`, `StoreUnavailable`.
        """
        ...


@dataclass(frozen=True)
class Expiry:
    """What a service does when a lease has run out.

    `ended` gets the key and the revision of its end, at least once; it may come late. After the
    broker was away nobody is told for `patience_seconds`, so that holders can hold on first.
    Neither when many leases end at once that clients hold by beats, as they do when the servers
    are away that beats go to: those have keys of `beaten`, of which each live one is held again
    every third of the patience.
    """

    ended: Callable[[str, int], Awaitable[None]]
    patience_seconds: float
    beaten: Callable[[str], bool] = lambda _: False
