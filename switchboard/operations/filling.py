"""Fills a version of a service's read models from the log, beside live traffic."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from chassis.jetstream.direct_get import DirectGet
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.projection import Projection
from chassis.read_model_versions import Versions
from chassis.read_models import Outdated, ReadModel, ReadModelStore
from chassis.workers.projector import Projector
from switchboard.operations.operator import Operator

LOOK_SECONDS = 0.2
COLLECTED_EACH = (50_000, 20, 50)
"""When garbage is looked for, in Python's three generations."""


class FillingHalted(Exception):
    """The log cannot be read to its end. The text says why and what to do."""


@dataclass(frozen=True)
class Source:
    """One log that read models are filled from."""

    stream: str
    projector: Projector
    direct: DirectGet

    async def end(self) -> int:
        """Where the newest event stands."""
        last = await self.direct.last(f"evt.{self.stream.lower()}.>")
        return last.sequence if last else 0


@dataclass(frozen=True)
class Filling:
    """Projectors at work on a version that nobody reads."""

    service: str
    version: int
    store: ReadModelStore
    models: Sequence[ReadModel[Any]]
    sources: Sequence[Source]

    async def reached(self, stream: str) -> int:
        """How far one log has been folded."""
        checkpoint = await self.store.checkpoint(self.service, stream)
        return checkpoint.sequence if checkpoint else 0

    async def caught_up(self, told: Callable[[int, int], object]) -> None:
        """Wait until the ends of the logs, telling how much is done of how much.

        Raises `FillingHalted`, `StoreUnavailable`.
        """
        while True:
            # Asked again only once these are reached: it costs a broker with long logs much.
            ends = {source.stream: await source.end() for source in self.sources}
            if await self._reached_all(ends, told):
                break
            while not await self._reached_all(ends, told):
                self._check()
                await asyncio.sleep(LOOK_SECONDS)
        # Indexes are made quickest of what is there already.
        await self.store.open(*self.models)

    async def _reached_all(
        self, ends: Mapping[str, int], told: Callable[[int, int], object]
    ) -> bool:
        reached = {stream: await self.reached(stream) for stream in ends}
        told(sum(reached.values()), sum(ends.values()))
        return all(reached[stream] >= end for stream, end in ends.items())

    def _check(self) -> None:
        for source in self.sources:
            if source.projector.failure:
                raise FillingHalted(f"{source.stream}: {source.projector.failure}")


@asynccontextmanager
async def filling(
    operator: Operator, service: str, projections: Sequence[Projection[Any]], version: int
) -> AsyncIterator[Filling]:
    """Fill a version until the block ends; what is filled stays. Raises `Outdated`."""
    models = [projection.model for projection in projections]
    store = await _opened(operator, service, models, version)
    streams = [d.stream for d in operator.topology.durables_of(service) if d.kind == "projector"]
    metrics = WorkerMetrics(CollectorRegistry())
    sources = []
    for stream in streams:
        feed = await operator.feed(stream, f"evt.{stream.lower()}.>")
        projector = Projector(service, stream, projections, store, feed, metrics)
        sources.append(Source(stream, projector, await operator.direct(stream)))
    with _collecting_seldom():
        running = [asyncio.create_task(source.projector.run()) for source in sources]
        try:
            yield Filling(service, version, store, models, sources)
        finally:
            for source in sources:
                source.projector.stop()
            await asyncio.gather(*running)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    # Thousands of documents are kept in mind, none of them in a circle: looking through them again
    # and again takes a quarter of the time.
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*COLLECTED_EACH)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _opened(
    operator: Operator, service: str, models: Sequence[ReadModel[Any]], version: int
) -> ReadModelStore:
    read_models = await operator.read_models(service)
    store = read_models.at(version)
    try:
        await store.open(*models, unsorted=True)
    except Outdated:
        # Begun by another release or for other read models: of no use to this one.
        await read_models.discard(version)
        await store.open(*models, unsorted=True)
    return store


def next_version(versions: Versions) -> int:
    """The version that was begun and never finished, else a new one."""
    return versions.planned or max(versions.kept, default=versions.live) + 1
