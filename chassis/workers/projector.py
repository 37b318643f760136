"""Keeps the read models of a service at the end of one log."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from chassis.backoff import growing, jittered
from chassis.cause import Clock, system_clock
from chassis.event_store import BrokenHistory, StoreUnavailable
from chassis.feed import DeliveredElsewhere, Feed, FeedInterrupted, LogInfo
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.projection import Projection
from chassis.read_models import (
    AnotherLog,
    Checkpoint,
    ReadModelStore,
    ReadModelsUnavailable,
)
from chassis.reading import Unreadable
from chassis.workers.document_writer import DocumentWriter
from chassis.workers.log_reader import LogReader, Passage
from schemas.envelope import UnknownEvent

STAND_BY_SECONDS = 1.0
HALT_BEAT_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0

_REMEDY = (
    "Nothing was changed. Restore the log with `switchboard archive import`, reading then goes on "
    "by itself; or, if what is lost shall stay lost, run `switchboard rebuild --without-worker` "
    "and start this process anew."
)


class LogLost(BrokenHistory):
    """The log is not the one that the read models were made from, or has lost its end."""


_log = structlog.get_logger(__name__)


class Projector:
    """Applies the events of `stream` to documents, in order and each once per document.

    Several may run at a time: one reads, the others stand by. Trouble that passes is waited for.
    What it must not or cannot read stops it for good; `failure` says what a person has to do. A
    log that was lost is waited for.
    Give it one version of the store: a live one would change under it at a swap. It calls `beat`
    every second, and at least twice a minute while the broker or the store is away.
    """

    def __init__(
        self,
        service: str,
        stream: str,
        projections: Sequence[Projection[Any]],
        read_models: ReadModelStore,
        feed: Feed,
        metrics: WorkerMetrics,
        *,
        beat: Callable[[], object] = lambda: None,
        clock: Clock = system_clock,
    ) -> None:
        self.service = service
        self.stream = stream
        self.failure: str | None = None
        self._beat = beat
        self._read_models = read_models
        self._feed = feed
        self._metrics = metrics
        self._clock = clock
        self._writer = DocumentWriter(stream, projections, read_models)
        self._reader = LogReader(feed, self._writer.folding.events)
        self._stopping = asyncio.Event()
        self._standby = False
        self._tries = 0

    async def run(self) -> None:
        """Project until `stop()`. Never raises: `failure` says what is wrong."""
        while not self._stopping.is_set():
            await self._try()

    async def check(self) -> str | None:
        """For readiness: None, or what is wrong."""
        return self.failure

    def stop(self) -> None:
        """End `run()` after the batch under way."""
        self._stopping.set()

    async def _try(self) -> None:
        try:
            await self._follow()
        except LogLost as error:
            await self._wait_for_the_log(error)
        except (BrokenHistory, AnotherLog, UnknownEvent, Unreadable) as error:
            await self._halt(error)
        except Exception as error:
            # The broker or the store is away, or a projection failed: waiting loses nothing.
            if not isinstance(error, FeedInterrupted):
                self.failure = _told(error)
            self._report(error)
            self._standby = isinstance(error, DeliveredElsewhere)
            await self._pause(growing(self._tries, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS))
            self._tries += 1

    async def _follow(self) -> None:
        if self._standby:
            self._report_lag(0, 0)
            await self._stand_by()
        reached = await self._checkpoint()
        try:
            await self._reader.begin(reached.sequence)
            while not self._stopping.is_set():
                passage = await self._reader.next()
                if passage:
                    reached = replace(reached, sequence=passage.end)
                    await self._apply(passage, reached)
                else:
                    self._report_lag(0, 0)
                self.failure, self._tries = None, 0
                self._beat()
        finally:
            # Whoever waits or stands by must not take deliveries away from others.
            await self._reader.close()

    async def _apply(self, passage: Passage, reached: Checkpoint) -> None:
        await self._writer.write(passage.recorded, reached)
        await self._feed.ack(passage.batch)
        age = max(self._clock().timestamp() - passage.batch.stored_at, 0.0)
        pending = passage.batch.pending
        self._metrics.projected.labels(self.service, self.stream).inc(passage.events)
        self._report_lag(pending, age if pending else 0)

    def _report_lag(self, events: int, seconds: float) -> None:
        self._metrics.lag_events.labels(self.service, self.stream).set(events)
        self._metrics.lag_seconds.labels(self.service, self.stream).set(seconds)

    async def _checkpoint(self) -> Checkpoint:
        stored = await self._read_models.checkpoint(self.service, self.stream)
        return continued(self.service, self.stream, stored, await self._feed.log())

    async def _stand_by(self) -> None:
        """Wait until nobody else reads on although there is more to read."""
        while not self._stopping.is_set():
            before = await self._checkpoint()
            await self._pause(STAND_BY_SECONDS + jittered(STAND_BY_SECONDS))
            now = await self._checkpoint()
            if now == before and (await self._feed.log()).last_sequence > now.sequence:
                return

    async def _wait_for_the_log(self, error: LogLost) -> None:
        self.failure = str(error)
        self._report(error)
        self._metrics.halted.labels(self.service, self.stream).set(1)
        while not self._stopping.is_set():
            await self._pause(HALT_BEAT_SECONDS)
            with suppress(LogLost, StoreUnavailable, ReadModelsUnavailable):
                await self._checkpoint()
                self._metrics.halted.labels(self.service, self.stream).set(0)
                return

    async def _halt(self, error: Exception) -> None:
        self.failure = str(error)
        self._report(error)
        self._metrics.halted.labels(self.service, self.stream).set(1)
        while not self._stopping.is_set():
            await self._pause(HALT_BEAT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        self._beat()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _report(self, error: Exception) -> None:
        kind = type(error).__name__
        self._metrics.errors.labels(self.service, self.stream, kind).inc()
        _log.warning(
            "projector_interrupted",
            service=self.service,
            stream=self.stream,
            kind=kind,
            reason=_told(error),
        )


def continued(service: str, stream: str, stored: Checkpoint | None, log: LogInfo) -> Checkpoint:
    """Where to read on: after the stored checkpoint, or from the first event if there is none.

    Raises `LogLost` if the log is not the one the checkpoint was made in.
    """
    if stored is None:
        return Checkpoint(service, stream, log.incarnation, 0)
    if stored.incarnation != log.incarnation:
        raise LogLost(
            f"The log {stream} was created at {log.incarnation}, but the read models of {service} "
            f"were made from the one of {stored.incarnation}. {_REMEDY}"
        )
    if stored.sequence > log.last_sequence:
        raise LogLost(
            f"The log {stream} ends at {log.last_sequence}, but the read models of {service} "
            f"already show {stored.sequence}: its end was lost. {_REMEDY}"
        )
    return stored


def _told(error: Exception) -> str:
    ours = type(error).__module__.split(".")[0] in ("chassis", "schemas")
    return str(error) if ours else f"{type(error).__name__}, see the log of this process."
