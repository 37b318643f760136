"""What a worker looks after from time to time, without an event that tells it to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Round:
    """Something to look after about every `seconds`.

    `go` does a part of it, within seconds, and answers whether there is more to do at once. Every
    replica goes its rounds, so whatever `go` does must bear being done by another as well.
    """

    name: str
    seconds: float
    go: Callable[[], Awaitable[bool]]
