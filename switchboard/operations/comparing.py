"""Compares two versions of a read model, document by document, while both go on changing."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from chassis.read_models import Kept, ReadModel, ReadModelStore, Stored

PAGE = 1000
MOST_KEPT = 10_000
TRIES = 20
PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not the same in both versions."""

    read_model: str
    organization: str
    key: str
    what: Literal["missing", "too many", "other content"]


@dataclass
class Comparison:
    """What was found. `undecided` stand at different events of the log: look again later."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    undecided: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference, *, sure: bool) -> None:
        """Remember a difference, unless there are too many to be of use."""
        found = self.differences if sure else self.undecided
        if len(found) < MOST_KEPT:
            found.append(difference)


async def compare(
    models: Sequence[ReadModel[Any]], live: ReadModelStore, rebuilt: ReadModelStore
) -> Comparison:
    """Walk through both. Raises `ReadModelsUnavailable`."""
    found = Comparison()
    for model in models:
        async for one, other in _pairs(model, live, rebuilt):
            found.compared += 1
            if wrong := _difference(model, one, other):
                found.add(wrong, sure=bool(one and other and one.positions == other.positions))
    return found


def _difference(
    model: ReadModel[Any], live: Kept | None, rebuilt: Kept | None
) -> Difference | None:
    known = live or rebuilt
    if known is None or (live and rebuilt and _same(live, rebuilt)):
        return None
    what: Any = "other content" if live and rebuilt else "missing" if rebuilt else "too many"
    return Difference(model.name, known.organization, known.key, what)


def _same(live: Kept, rebuilt: Kept) -> bool:
    return (live.positions, live.body) == (rebuilt.positions, rebuilt.body)


async def _pairs(
    model: ReadModel[Any], live: ReadModelStore, rebuilt: ReadModelStore
) -> AsyncIterator[tuple[Kept | None, Kept | None]]:
    after: tuple[str, ...] | None = None
    while True:
        pages = [await store.scan(model, after, PAGE) for store in (live, rebuilt)]
        # Behind the end of the shorter page it is not known yet what the other version holds.
        after = min((page[-1].place for page in pages if len(page) == PAGE), default=None)
        ones, others = (
            {kept.place: kept for kept in page if after is None or kept.place <= after}
            for page in pages
        )
        for place in {**ones, **others}:
            yield ones.get(place), others.get(place)
        if after is None:
            return


async def settle(
    found: Comparison,
    models: Sequence[ReadModel[Any]],
    live: ReadModelStore,
    rebuilt: ReadModelStore,
) -> None:
    """Look again at what was undecided; what never comes to the same is a difference."""
    known = {model.name: model for model in models}
    for _ in range(TRIES):
        still = []
        for start in range(0, len(found.undecided), PAGE):
            part = found.undecided[start : start + PAGE]
            still += await _undecided(part, known, live, rebuilt)
        found.undecided = still
        if not still:
            return
        await asyncio.sleep(PAUSE_SECONDS)
    found.differences += found.undecided
    found.undecided = []


async def _undecided(
    part: Sequence[Difference],
    models: Mapping[str, ReadModel[Any]],
    live: ReadModelStore,
    rebuilt: ReadModelStore,
) -> list[Difference]:
    still: list[Difference] = []
    for name in {one.read_model for one in part}:
        keys = [(one.organization, one.key) for one in part if one.read_model == name]
        ones = await live.stored(models[name], keys)
        others = await rebuilt.stored(models[name], keys)
        # Positions may stay apart where events were erased: what counts is what readers see.
        same = {key for key in keys if _seen(ones.get(key)) == _seen(others.get(key))}
        still += [
            one
            for one in part
            if one.read_model == name and (one.organization, one.key) not in same
        ]
    return still


def _seen(stored: Stored[Any] | None) -> Any:
    return stored.document if stored else None
