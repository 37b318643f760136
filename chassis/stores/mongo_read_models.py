"""Read models in MongoDB: documents first, each under its guard, then the checkpoint."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from chassis.read_model_versions import UnknownVersion, Versions
from chassis.read_models import Bounds, Checkpoint, Kept, Page, ReadModel, Stale, Stored, Write
from chassis.stores.documents import shape
from chassis.stores.listing import listing
from chassis.stores.mongo_checkpoints import MongoCheckpoints
from chassis.stores.mongo_client import MongoDatabase, Put
from chassis.stores.mongo_queries import (
    as_document,
    as_kept,
    as_stored,
    collection,
    document_id,
    guard,
    index_fields,
    order,
    place,
    ranges,
    to_tree,
)
from chassis.stores.read_model_rules import (
    STALE,
    refuse_live,
    refuse_outdated,
    refuse_unknown,
)

D = TypeVar("D")

LIVE = {"_id": "live"}
PLAN = {"_id": "plan"}


class MongoReadModelStore:
    """The store for more than one machine. Keeps each service in a database of its own.

    `version` None reads what is live and writes to what was live at `open`.
    """

    def __init__(self, database: MongoDatabase, version: int | None = None) -> None:
        self._database = database
        self._version = version
        self._filling = version or 0
        self._checkpoints = MongoCheckpoints(database)

    async def open(self, *models: ReadModel[Any], unsorted: bool = False) -> None:
        """Create what is missing. Raises `Outdated`, `ReadModelsUnavailable`."""
        await self._database.insert("live", {**LIVE, "version": 1})
        version = await self._read()
        kept = await self._database.find("read_model", {"version": version})
        shapes = {tree["name"]: tree["shape"] for tree in kept}
        refuse_outdated(models, shapes, filled=await self._checkpoints.any(version))
        for model in models:
            await self._create(model, version, shapes.get(model.name), unsorted=unsorted)
        self._filling = version

    async def close(self) -> None:
        """Let go of the connections, unless this is only one version."""
        if self._version is None:
            await self._database.close()

    async def ping(self) -> None:
        """Raise `ReadModelsUnavailable` if the server does not answer."""
        await self._database.ping()

    async def examine(self) -> None:
        """The server has the files, with checksums, and looks after them itself."""

    async def get(self, model: ReadModel[D], organization: str, key: str) -> D | None:
        """One document."""
        tree = await self._database.get(
            collection(model, await self._read()), {"_id": document_id(organization, key)}
        )
        return None if tree is None else as_stored(model, tree).document

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
        name, found = collection(model, await self._read()), list[dict[str, Any]]()
        direction = -1 if asked.descending else 1
        for part in ranges(asked):
            found += await self._database.find(
                name,
                part,
                sort=[(field, direction) for field in order(asked)],
                limit=limit + 1 - len(found),
                # Several begin alike: a choice made for a few documents would stay for very many.
                index=index,
            )
            if len(found) > limit:
                break
        return asked.page([(place(asked, tree), as_document(model, tree)) for tree in found], limit)

    async def stored(
        self, model: ReadModel[D], keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Stored[D]]:
        """What is kept under these (organization, key) pairs; absent ones are left out."""
        ids = {document_id(*key): key for key in keys}
        found = await self._database.find(
            collection(model, self._filling), {"_id": {"$in": list(ids)}}
        )
        return {ids[tree["_id"]]: as_stored(model, tree) for tree in found}

    async def apply(self, writes: Sequence[Write[Any]], checkpoint: Checkpoint) -> None:
        """Write documents, then the checkpoint. Raises `Stale`, `AnotherLog`.

        After `Stale` some of the documents are written; read and folded again they stay as is.
        """
        await self._checkpoints.refuse_another_log(self._filling, checkpoint)
        puts: dict[str, list[Put]] = {}
        for write in _coalesced(writes):
            puts.setdefault(collection(write.model, self._filling), []).append(_put(write))
        # Each waits for the majority, and none for another; all have ended before anything is said.
        written = await asyncio.gather(
            *(self._database.put(name, documents) for name, documents in puts.items()),
            return_exceptions=True,
        )
        for outcome in written:
            if isinstance(outcome, BaseException):
                raise outcome
        if not all(written):
            raise Stale(STALE)
        await self._checkpoints.advance(self._filling, checkpoint)

    async def scrub(self) -> None:
        """The files are the server's: it rewrites them by itself, and may be told to encrypt."""

    async def checkpoint(self, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come, None if it never ran."""
        return await self._checkpoints.reached(await self._read(), projector, stream)

    def at(self, version: int) -> "MongoReadModelStore":
        """The same database, this version only."""
        return MongoReadModelStore(self._database, version)

    async def versions(self) -> Versions:
        """Which version is live, and which others are kept."""
        kept = await self._database.find("read_model", {})
        plan = await self._database.get("live", PLAN) or {"version": None, "ready": False}
        versions = tuple(sorted({tree["version"] for tree in kept}))
        return Versions(await self._live(), versions, plan["version"], plan["ready"])

    async def swap(self, version: int) -> None:
        """Let readers see this version from their next question on. Raises `UnknownVersion`."""
        refuse_unknown(version, (await self.versions()).kept)
        await self._database.change("live", LIVE, {"version": version})
        await self._database.delete("live", {**PLAN, "version": version})

    async def plan(self, version: int | None, *, ready: bool = False) -> None:
        """Say which version is to take the place of the live one, None for none."""
        if version is None:
            await self._database.delete("live", PLAN)
            return
        planned = {"version": version, "ready": ready}
        if not await self._database.insert("live", {**PLAN, **planned}):
            await self._database.change("live", PLAN, planned)

    async def discard(self, version: int) -> None:
        """Delete what was filled as `version`. Raises `StillLive`."""
        refuse_live(version, await self._live())
        await self._checkpoints.discard(version)
        await self._database.delete("live", {**PLAN, "version": version})
        for tree in await self._database.find("read_model", {"version": version}):
            await self._database.drop(f"{tree['name']}.{version}")
        await self._database.delete("read_model", {"version": version})

    async def scan(
        self, model: ReadModel[Any], after: tuple[str, ...] | None, limit: int
    ) -> list[Kept]:
        """What is kept of a read model, deleted documents as well, `limit` places at a time."""
        name = collection(model, await self._read())
        behind = {"_id": {"$gt": after[0]}} if after else {}
        trees = await self._database.find(name, behind, sort=[("_id", 1)], limit=limit)
        return [as_kept(tree) for tree in trees]

    async def _read(self) -> int:
        return await self._live() if self._version is None else self._version

    async def _live(self) -> int:
        tree = await self._database.get("live", LIVE)
        if tree is None:
            raise UnknownVersion("These read models were never opened: open the store first.")
        live: int = tree["version"]
        return live

    async def _create(
        self, model: ReadModel[Any], version: int, kept: str | None, *, unsorted: bool
    ) -> None:
        name, now = collection(model, version), shape(model)
        if kept is None:
            entry = {"_id": name, "version": version, "name": model.name, "shape": now}
            await self._database.insert("read_model", entry)
        # Of several processes that find another shape, only one may drop what stands there.
        elif kept != now and await self._database.change(
            "read_model", {"_id": name, "shape": kept}, {"shape": now}
        ):
            await self._database.drop(name)
        for index in () if unsorted else model.indexes:
            await self._database.index(name, index.name, index_fields(index.fields))


def _put(write: Write[Any]) -> Put:
    expected = {"positions": guard(write.before)} if write.before else None
    return Put(to_tree(write), expected)


def _coalesced(writes: Iterable[Write[Any]]) -> Iterable[Write[Any]]:
    # An unordered bulk may write a document once only.
    latest: dict[tuple[str, str, str], Write[Any]] = {}
    for write in writes:
        name = (write.model.name, write.organization, write.key)
        earlier = latest.get(name, write)
        if earlier is not write and earlier.after != write.before:
            raise Stale(STALE)
        latest[name] = replace(write, before=earlier.before)
    return latest.values()
