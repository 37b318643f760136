"""Idempotency keys in memory: the contract of `Reservations` in its simplest form."""

from datetime import datetime, timedelta

from chassis.cause import Clock, system_clock
from chassis.idempotency import KeyReused, Reservation

KEPT = timedelta(hours=24)


class MemoryReservations:
    """`Reservations` for one test."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[datetime, str, Reservation]] = {}

    async def reserve(
        self, organization: str, scope: str, key: str, fingerprint: str, proposal: Reservation
    ) -> Reservation:
        """What the key stands for: the proposal, or what was proposed first. Raises `KeyReused`."""
        now = self._clock()
        self._kept = {name: kept for name, kept in self._kept.items() if kept[0] > now - KEPT}
        kept = self._kept.setdefault((organization, scope, key), (now, fingerprint, proposal))
        _, first_fingerprint, first = kept
        if first_fingerprint != fingerprint:
            raise KeyReused
        return first
