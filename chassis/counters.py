"""The port to counters that all replicas share, each good for one window of time."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol


class Counters(Protocol):
    """Counts in a place that every replica sees. What is counted is forgotten after its window."""

    async def add(self, key: str, amount: int) -> int:
        """Add to a counter and answer what it is then. No two that add one get the same answer.

        `key` consists of lower-case letters, digits and dots and names nobody.
        Raises `StoreUnavailable`: who cannot count must not go on.
        """
        ...


@dataclass
class LocalCounters:
    """Counters of one process, kept until it ends."""

    _counts: Counter[str] = field(default_factory=Counter)

    async def add(self, key: str, amount: int) -> int:
        """Add to a counter and answer what it is then."""
        self._counts[key] += amount
        return self._counts[key]
