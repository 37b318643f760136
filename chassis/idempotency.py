"""The port to what an Idempotency-Key stands for: one key, one command, for a day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.decider import Refused


class KeyReused(Refused):
    """The same Idempotency-Key came with another request."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request in the last 24 hours. "
            "Take a new key for a new request."
        )


@dataclass(frozen=True, slots=True)
class Reservation:
    """The ids and the time a command was first given: every repeat of it gets the same."""

    command_id: str
    resource_id: str
    at: datetime


class Reservations(Protocol):
    """What keys stand for, in one service."""

    async def reserve(
        self, organization: str, scope: str, key: str, fingerprint: str, proposal: Reservation
    ) -> Reservation:
        """What the key stands for: the proposal, unless an earlier one came first.

        `scope` tells apart who uses the key and for what; `fingerprint` is a keyed hash of the
        request. Raises `KeyReused`, `StoreUnavailable`.
        """
        ...
