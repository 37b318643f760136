"""Read models in memory, held to the same contract as the databases."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from chassis.read_model_versions import Versions
from chassis.read_models import (
    Bounds,
    Checkpoint,
    Kept,
    Page,
    Positions,
    ReadModel,
    Stale,
    Stored,
    Write,
)
from chassis.stores.documents import decode, encode, shape
from chassis.stores.listing import Listing, listing
from chassis.stores.read_model_rules import (
    STALE,
    refuse_another_log,
    refuse_live,
    refuse_outdated,
    refuse_unknown,
)
from chassis.stores.sorting import Scalar, kinds, sort_values

D = TypeVar("D")


@dataclass(frozen=True)
class _Kept:
    """A document as text, so that nobody can change it, or None: deleted."""

    organization: str
    key: str
    positions: Positions
    body: str | None = None
    sorting: dict[str, Scalar] = field(default_factory=dict)


@dataclass
class _Filled:
    """One version of all read models."""

    shapes: dict[str, str] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], _Kept] = field(default_factory=dict)
    checkpoints: dict[tuple[str, str], Checkpoint] = field(default_factory=dict)


@dataclass
class Memory:
    """What survives when a store is closed and another one opened on it."""

    live: int = 1
    planned: int | None = None
    ready: bool = False
    filled: dict[int, _Filled] = field(default_factory=dict)


class MemoryReadModelStore:
    """A store that forgets everything with the process."""

    def __init__(self, memory: Memory | None = None, version: int | None = None) -> None:
        self._memory = memory or Memory()
        self._version = version
        self._filling = self._memory.filled.get(version or 0, _Filled())

    @property
    def _read(self) -> _Filled:
        if self._version is not None:
            return self._filling
        return self._memory.filled[self._memory.live]

    async def open(self, *models: ReadModel[Any], unsorted: bool = False) -> None:
        """Raises `Outdated`."""
        version = self._version or self._memory.live
        filled = self._memory.filled.setdefault(version, _Filled())
        refuse_outdated(models, filled.shapes, filled=bool(filled.checkpoints))
        filled.shapes.update({model.name: shape(model) for model in models})
        self._filling = filled

    async def close(self) -> None:
        """Nothing is held."""

    async def ping(self) -> None:
        """Always answers."""

    async def examine(self) -> None:
        """There are no files."""

    async def get(self, model: ReadModel[D], organization: str, key: str) -> D | None:
        """One document."""
        kept = self._read.documents.get((model.name, organization, key))
        return None if kept is None else _stored(model, kept).document

    async def find(
        self,
        model: ReadModel[D],
        organization: str,
        index: str,
        bounds: Bounds = Bounds(),
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[D]:
        """A page of documents in index order. Raises `WrongCursor`."""
        asked = listing(model, organization, index, bounds, cursor)
        rows = [
            (_place(asked, kept), decode(model, kept.body))
            for (name, *_), kept in self._read.documents.items()
            if name == model.name and kept.body is not None and _listed(asked, kept)
        ]
        rows.sort(key=itemgetter(0), reverse=asked.descending)
        return asked.page(rows, limit)

    async def stored(
        self, model: ReadModel[D], keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Stored[D]]:
        """What is kept under these (organization, key) pairs; absent ones are left out."""
        kept = self._filling.documents
        return {
            key: _stored(model, kept[model.name, *key])
            for key in keys
            if (model.name, *key) in kept
        }

    async def apply(self, writes: Sequence[Write[Any]], checkpoint: Checkpoint) -> None:
        """Write documents and checkpoint, all or nothing. Raises `Stale`, `AnotherLog`."""
        name = (checkpoint.projector, checkpoint.stream)
        earlier = self._filling.checkpoints.get(name)
        refuse_another_log(earlier, checkpoint)
        changed: dict[tuple[str, str, str], _Kept] = {}
        for write in writes:
            at = (write.model.name, write.organization, write.key)
            before = changed.get(at) or self._filling.documents.get(at)
            if (before.positions if before else {}) != write.before:
                raise Stale(STALE)
            changed[at] = _kept(write)
        self._filling.documents.update(changed)
        latest = max(earlier or checkpoint, checkpoint, key=attrgetter("sequence"))
        self._filling.checkpoints[name] = latest

    async def scrub(self) -> None:
        """Nothing is left of what was overwritten."""

    async def checkpoint(self, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come, None if it never ran."""
        return self._read.checkpoints.get((projector, stream))

    def at(self, version: int) -> "MemoryReadModelStore":
        """The same memory, this version only."""
        return MemoryReadModelStore(self._memory, version)

    async def versions(self) -> Versions:
        """Which version is live, and which others are kept."""
        memory = self._memory
        return Versions(memory.live, tuple(sorted(memory.filled)), memory.planned, memory.ready)

    async def swap(self, version: int) -> None:
        """Let readers see this version from their next question on. Raises `UnknownVersion`."""
        refuse_unknown(version, sorted(self._memory.filled))
        self._memory.live = version
        self._forget_plan(version)

    async def plan(self, version: int | None, *, ready: bool = False) -> None:
        """Say which version is to take the place of the live one, None for none."""
        self._memory.planned, self._memory.ready = version, ready and version is not None

    async def discard(self, version: int) -> None:
        """Forget what was filled as `version`. Raises `StillLive`."""
        refuse_live(version, self._memory.live)
        self._memory.filled.pop(version, None)
        self._forget_plan(version)

    async def scan(
        self, model: ReadModel[Any], after: tuple[str, ...] | None, limit: int
    ) -> list[Kept]:
        """What is kept of a read model, deleted documents as well, `limit` places at a time."""
        places = sorted(place for name, *place in self._read.documents if name == model.name)
        found = [tuple(place) for place in places if after is None or tuple(place) > after]
        return [self._shown(model, *place) for place in found[:limit]]

    def _shown(self, model: ReadModel[Any], organization: str, key: str) -> Kept:
        kept = self._read.documents[model.name, organization, key]
        return Kept((organization, key), organization, key, kept.positions, kept.body)

    def _forget_plan(self, version: int) -> None:
        if self._memory.planned == version:
            self._memory.planned, self._memory.ready = None, False


def _kept(write: Write[Any]) -> _Kept:
    kept = _Kept(write.organization, write.key, dict(write.after))
    if write.document is None:
        return kept
    kind = kinds(write.model)
    return replace(
        kept,
        body=encode(write.document),
        sorting=dict(zip(kind, sort_values(kind, write.document), strict=True)),
    )


def _stored(model: ReadModel[D], kept: _Kept) -> Stored[D]:
    return Stored(None if kept.body is None else decode(model, kept.body), kept.positions)


def _place(asked: Listing, kept: _Kept) -> tuple[Scalar, ...]:
    return (*(kept.sorting[name] for name in asked.order), kept.key)


def _listed(asked: Listing, kept: _Kept) -> bool:
    place: Any = _place(asked, kept)
    return (
        kept.organization == asked.organization
        and all(kept.sorting[name] == value for name, value in asked.equals)
        and (asked.low is None or place[0] >= asked.low)
        and (asked.high is None or place[0] < asked.high)
        and (asked.after is None or place != asked.after)
        and (asked.after is None or (place < asked.after) == asked.descending)
    )
