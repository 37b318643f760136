"""Shows how much a durable still has to react to, from what the broker knows of it."""

import time
from collections.abc import Callable
from datetime import datetime

from nats.aio.client import Client
from nats.js.api import ConsumerInfo

from chassis.cause import Clock
from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.nats_inbox import Inbox
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reading import Unreadable, read
from schemas.envelope import UnknownEvent

AGE_SECONDS = 15.0
"""To look for the oldest event costs the broker more than to count."""


class Backlog:
    """The same figures from every replica, and after every restart: none are kept here.

    Ages are those of the service's own log: from another's it may not get events at will.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        stream: str,
        metrics: WorkerMetrics,
        api_prefix: str,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._labels = service, stream
        self._own = stream == service.upper()
        self._metrics = metrics
        self._log = DirectGet(Inbox(nc), api_prefix, stream)
        self._clock = clock
        self._monotonic = monotonic
        self._aged_at = float("-inf")

    async def show(self, info: ConsumerInfo) -> None:
        """Set the figures. Raises `StoreUnavailable`."""
        pending, put_off = info.num_pending or 0, info.num_ack_pending or 0
        room = (info.config.max_ack_pending or 0) - put_off
        self._metrics.reactions_waiting.labels(*self._labels).set(pending + put_off)
        self._metrics.reactions_put_off.labels(*self._labels).set(put_off)
        self._metrics.reactions_room.labels(*self._labels).set(room)
        if self._own:
            await self._show_age(info, waiting=pending + put_off)

    async def _show_age(self, info: ConsumerInfo, waiting: int) -> None:
        oldest = self._metrics.reactions_oldest_seconds.labels(*self._labels)
        if waiting == 0:
            oldest.set(0)
        elif self._monotonic() - self._aged_at >= AGE_SECONDS:
            self._aged_at = self._monotonic()
            oldest.set(await self._age(info))

    async def _age(self, info: ConsumerInfo) -> float:
        start = (info.ack_floor.stream_seq if info.ack_floor else 0) + 1
        times = [await self._next(subject, start) for subject in _filters(info)]
        known = [time for time in times if time]
        return (self._clock() - min(known)).total_seconds() if known else 0.0

    async def _next(self, subject: str, start: int) -> datetime | None:
        for found in await self._log.following(subject, start, 1):
            try:
                return read(found.subject, found.sequence, found.payload).envelope.time
            except (Unreadable, UnknownEvent):
                return None
        return None


def _filters(info: ConsumerInfo) -> list[str]:
    one = info.config.filter_subject
    return [one] if one else list(info.config.filter_subjects or ())
