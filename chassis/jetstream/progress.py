"""How far a service has come with each log: what a read must wait for to show a write."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.event_store import EventStore, Position, StoreUnavailable
from chassis.jetstream.nats_inbox import Inbox
from chassis.read_models import ReadModelStore

FIRST_PAUSE_SECONDS = 0.002
LONGEST_PAUSE_SECONDS = 0.05
COUNTED_AFTER_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Reacted:
    """Whether a durable of reactions has dealt with everything up to a sequence."""

    inbox: Inbox
    stream: str
    durable: str
    api_prefix: str

    async def reached(self, sequence: int) -> bool:
        """Ask the broker. Raises `StoreUnavailable`."""
        info = await self._info()
        if _idle(info):
            # The broker counts an event for its readers a moment after it has confirmed it.
            await asyncio.sleep(COUNTED_AFTER_SECONDS)
            info = await self._info()
        return _idle(info) or bool(info["ack_floor"]["stream_seq"] >= sequence)

    async def _info(self) -> dict[str, Any]:
        subject = f"{self.api_prefix}.CONSUMER.INFO.{self.stream}.{self.durable}"
        info: dict[str, Any] = json.loads((await self.inbox.ask(subject)).data)
        if error := info.get("error"):
            raise StoreUnavailable(f"Durable {self.durable}: {error['description']}.")
        return info


@dataclass(frozen=True)
class Progress:
    """The progress of one service with its own log and those it follows.

    `streams` gives the stream of each service's log; `projected` names the streams this service's
    read models are made from, `reacted` those it reacts to.
    """

    service: str
    streams: Mapping[str, str]
    projected: frozenset[str]
    reacted: Mapping[str, Reacted]
    store: EventStore
    read_models: ReadModelStore

    async def wait_for(self, position: Position, seconds: float) -> bool:
        """Whether reads show everything up to a position of any log, at the latest after `seconds`.

        A foreign event may have made this service write events of its own: those count as well.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._wait(position)
        except (TimeoutError, StoreUnavailable):
            return False
        return True

    async def _wait(self, position: Position) -> None:
        stream = self.streams.get(position.service, "")
        if stream in self.projected:
            await self._until_projected(stream, position.sequence)
        if reacted := self.reacted.get(stream):
            await self._until_reacted(reacted, position.sequence)
            end = await self.store.last_position()
            await self._until_projected(self.streams[self.service], end.sequence)

    async def _until_projected(self, stream: str, sequence: int) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not await self._projected(stream, sequence):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    async def _projected(self, stream: str, sequence: int) -> bool:
        checkpoint = await self.read_models.checkpoint(self.service, stream)
        return checkpoint is not None and checkpoint.sequence >= sequence

    async def _until_reacted(self, reacted: Reacted, sequence: int) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not await reacted.reached(sequence):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def _idle(info: dict[str, Any]) -> bool:
    return bool(info["num_pending"] == 0 and info["num_ack_pending"] == 0)
