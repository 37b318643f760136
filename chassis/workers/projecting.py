"""The projectors of a service, on whichever version of its read models is live."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog

from chassis.read_models import (
    Checkpoint,
    Outdated,
    ReadModel,
    ReadModelStore,
    ReadModelsUnavailable,
)
from chassis.workers.projector import Projector

LOOK_SECONDS = 0.5
CATCH_UP_SECONDS = 20.0
CATCH_UP_PAUSE_SECONDS = 0.02

ProjectorFor = Callable[[str, ReadModelStore], Projector]
"""Makes the projector of one stream that fills one version."""

_log = structlog.get_logger(__name__)


class Projecting:
    """Runs a projector per stream, and goes over to another version when an operator wants it.

    A version that is ready takes over like this: the live one is not changed any more, the other
    is brought to where it stands, then readers see the other. So no list ever gets older.
    """

    def __init__(
        self,
        service: str,
        read_models: ReadModelStore,
        models: Sequence[ReadModel[Any]],
        streams: Sequence[str],
        projector_for: ProjectorFor,
    ) -> None:
        self.service = service
        self._read_models = read_models
        self._models = models
        self._streams = streams
        self._projector_for = projector_for
        self._version = 0
        self._running: dict[str, tuple[Projector, asyncio.Task[None]]] = {}
        self._stopping = asyncio.Event()

    async def begin(self) -> None:
        """Follow the live version. Raises `Outdated`, `ReadModelsUnavailable`."""
        await self._follow((await self._read_models.versions()).live)

    async def run(self) -> None:
        """Project until `stop()`, after `begin()`."""
        try:
            while not self._stopping.is_set():
                await self._pause()
                await self._look()
        finally:
            await self._end()

    def stop(self) -> None:
        """End `run()` after the batches under way."""
        self._stopping.set()

    async def check(self, stream: str) -> str | None:
        """For readiness: None, or what is wrong with the projector of a stream."""
        running = self._running.get(stream)
        return running[0].failure if running else None

    async def _look(self) -> None:
        try:
            versions = await self._read_models.versions()
            if versions.live != self._version or not self._running:
                await self._end()
                await self._follow(versions.live)
            elif versions.planned and versions.ready:
                await self._go_over(versions.planned)
        except (Outdated, ReadModelsUnavailable) as error:
            # Projectors that run go on, and say themselves what is wrong with them.
            _log.warning("versions_not_looked_at", service=self.service, reason=str(error))

    async def _follow(self, version: int) -> None:
        store = self._read_models.at(version)
        await store.open(*self._models)
        self._version = version
        for stream in self._streams:
            projector = self._projector_for(stream, store)
            self._running[stream] = projector, asyncio.create_task(projector.run())

    async def _end(self) -> None:
        for projector, _ in self._running.values():
            projector.stop()
        await asyncio.gather(*(task for _, task in self._running.values()))
        self._running.clear()

    async def _go_over(self, version: int) -> None:
        before = self._version
        try:
            await self._read_models.at(version).open(*self._models)
        except Outdated:
            # Filled by another release: this one cannot go on with it.
            await self._read_models.plan(version)
            raise
        await self._end()
        shown = await self._reached(before)
        await self._follow(version)
        if await self._caught_up(shown):
            await self._read_models.swap(version)
            _log.info("read_models_swapped", service=self.service, version=version, before=before)
            return
        _log.warning("read_models_not_swapped", service=self.service, version=version)
        await self._read_models.plan(version)
        await self._end()
        await self._follow(before)

    async def _reached(self, version: int) -> Mapping[str, Checkpoint]:
        store = self._read_models.at(version)
        found = {stream: await store.checkpoint(self.service, stream) for stream in self._streams}
        return {stream: one for stream, one in found.items() if one}

    async def _caught_up(self, shown: Mapping[str, Checkpoint]) -> bool:
        deadline = asyncio.get_running_loop().time() + CATCH_UP_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            reached = await self._reached(self._version)
            if all(_covers(reached.get(stream), before) for stream, before in shown.items()):
                return True
            if any(projector.failure for projector, _ in self._running.values()):
                return False
            await asyncio.sleep(CATCH_UP_PAUSE_SECONDS)
        return False

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)


def _covers(reached: Checkpoint | None, shown: Checkpoint) -> bool:
    """Whether nobody who has seen the one would see an older list with the other."""
    if reached is None or reached.incarnation != shown.incarnation:
        return False
    return reached.sequence >= shown.sequence
