"""Brings the documents of a service up to a batch of events, in one write."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.backoff import jittered
from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Checkpoint, ReadModel, ReadModelStore, Stale, Stored
from chassis.stores.folding import Address, Documents, Folding, Step, applied, fold_batch

REMEMBERED = 5_000
STALE_TRIES = 10
LONGEST_PAUSE_SECONDS = 0.2


class DocumentWriter:
    """Loads the documents that a batch changes, folds them in memory and writes them once.

    What it wrote last it remembers, since the next event is often about the same thing. If
    somebody else wrote meanwhile, the store refuses the write and everything is loaded again.
    """

    def __init__(
        self, stream: str, projections: Iterable[Projection[Any]], read_models: ReadModelStore
    ) -> None:
        self.folding = Folding(projections)
        self._stream = stream
        self._read_models = read_models
        self._remembered: dict[Address, Stored[Any]] = {}

    async def write(self, recorded: Sequence[Recorded], checkpoint: Checkpoint) -> None:
        """Write documents and checkpoint. Raises `Stale` when others keep getting in between."""
        steps = self.folding.steps(recorded)
        for _ in range(STALE_TRIES):
            # Taken, not looked at: after a failed write nothing that was remembered counts.
            remembered, self._remembered = self._remembered, {}
            stored = await self._stored(steps, remembered)
            writes = fold_batch(self._stream, steps, stored)
            try:
                await self._read_models.apply(list(writes.values()), checkpoint)
            except Stale:
                await asyncio.sleep(jittered(LONGEST_PAUSE_SECONDS))
                continue
            self._remember(remembered, applied(stored, writes))
            break
        else:
            raise Stale("Others keep changing the same documents. It is tried again shortly.")
        if any(one.event.erases for one in recorded):
            await self._read_models.scrub()

    async def _stored(self, steps: Iterable[Step], remembered: Documents) -> Documents:
        wanted: dict[str, tuple[ReadModel[Any], set[tuple[str, str]]]] = {}
        known: dict[Address, Stored[Any]] = {}
        for address, projection, _ in steps:
            if document := remembered.get(address):
                known[address] = document
            else:
                _, keys = wanted.setdefault(address.model, (projection.model, set()))
                keys.add(address[1:])
        loaded = await asyncio.gather(
            *(self._read_models.stored(model, list(keys)) for model, keys in wanted.values())
        )
        for (model, _), found in zip(wanted.values(), loaded, strict=True):
            known.update((Address(model.name, *key), document) for key, document in found.items())
        return known

    def _remember(self, before: dict[Address, Stored[Any]], now: Documents) -> None:
        before.update(now)
        self._remembered = before if len(before) <= REMEMBERED else dict(now)
