"""Read models in one SQLite file: documents and checkpoint change in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from sqlite3 import Connection
from typing import Any, TypeVar

from chassis.read_model_versions import Versions
from chassis.read_models import (
    Bounds,
    Checkpoint,
    Kept,
    Page,
    ReadModel,
    ReadModelsUnavailable,
    Stale,
    Stored,
    Write,
)
from chassis.stores.documents import (
    decode,
    decode_positions,
    encode,
    encode_positions,
)
from chassis.stores.listing import Listing, Row, listing
from chassis.stores.read_model_rules import (
    STALE,
    refuse_another_log,
)
from chassis.stores.sorting import Scalar, sort_values
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_schema import ADVANCE, Table, table
from chassis.stores.sqlite_versions import (
    discarded,
    live,
    opened,
    planned,
    run,
    swapped,
    versions_of,
)

D = TypeVar("D")

Pair = tuple[str, str]
"""Organization and key."""


class SqliteReadModelStore:
    """The embedded store. Several processes on one machine may use the file, none over a network.

    `version` None reads what is live and writes to what was live at `open`.
    """

    def __init__(self, database: SqliteDatabase, version: int | None = None) -> None:
        self._database = database
        self._version = version
        self._filling = version or 0

    async def open(self, *models: ReadModel[Any], unsorted: bool = False) -> None:
        """Create what is missing. Raises `Outdated`, `ReadModelsUnavailable`."""
        self._filling = await self._database.write(opened, self._version, models)
        for model in () if unsorted else models:
            # One at a time: where there are many documents, others write in between.
            for statement in table(model, self._filling).indexes():
                await self._database.write(run, statement)
        # A crash may have come between an erasure and its scrubbing. If others read, they do it.
        with suppress(ReadModelsUnavailable):
            await self.scrub()

    async def close(self) -> None:
        """Finish what is under way and close the file, unless this is only one version of it."""
        if self._version is None:
            await self._database.close()

    async def ping(self) -> None:
        """Raise `ReadModelsUnavailable` if the file cannot be read."""
        await self._database.read(live)

    async def examine(self) -> None:
        """Hold tables and indexes against each other. Raises `Damaged`."""
        await self._database.examine()

    async def get(self, model: ReadModel[D], organization: str, key: str) -> D | None:
        """One document."""
        found = await self._database.read(_get, model, self._version, [(organization, key)])
        return next((stored.document for stored in found.values()), None)

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
        rows = await self._database.read(_find, model, self._version, asked, limit + 1)
        return asked.page(rows, limit)

    async def stored(self, model: ReadModel[D], keys: Sequence[Pair]) -> dict[Pair, Stored[D]]:
        """What is kept under these (organization, key) pairs; absent ones are left out."""
        return await self._database.read(_get, model, self._filling, keys)

    async def apply(self, writes: Sequence[Write[Any]], checkpoint: Checkpoint) -> None:
        """Write documents and checkpoint, all or nothing. Raises `Stale`, `AnotherLog`."""
        await self._database.write(_apply, self._filling, writes, checkpoint)

    async def scrub(self) -> None:
        """Write the journal back and empty it: old pages stand in it, and in no other place."""
        await self._database.empty_journal()

    async def checkpoint(self, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come, None if it never ran."""
        return await self._database.read(_checkpoint, self._version, projector, stream)

    def at(self, version: int) -> "SqliteReadModelStore":
        """The same file, this version only."""
        return SqliteReadModelStore(self._database, version)

    async def versions(self) -> Versions:
        """Which version is live, and which others are kept."""
        return await self._database.read(versions_of)

    async def swap(self, version: int) -> None:
        """Let readers see this version from their next question on. Raises `UnknownVersion`."""
        await self._database.write(swapped, version)

    async def plan(self, version: int | None, *, ready: bool = False) -> None:
        """Say which version is to take the place of the live one, None for none."""
        await self._database.write(planned, version, ready=ready)

    async def discard(self, version: int) -> None:
        """Delete what was filled as `version`. Raises `StillLive`."""
        await self._database.write(discarded, version)

    async def scan(
        self, model: ReadModel[Any], after: tuple[str, ...] | None, limit: int
    ) -> list[Kept]:
        """What is kept of a read model, deleted documents as well, `limit` places at a time."""
        return await self._database.read(_scan, model, self._version, after, limit)


def _scan(
    db: Connection,
    model: ReadModel[Any],
    version: int | None,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[Kept]:
    rows = db.execute(table(model, version or live(db)).scan, [*(after or ("", "")), limit])
    return [
        Kept((organization, key), organization, key, decode_positions(positions), body)
        for organization, key, positions, body in rows
    ]


def _get(
    db: Connection, model: ReadModel[D], version: int | None, keys: Sequence[Pair]
) -> dict[Pair, Stored[D]]:
    statement = table(model, version or live(db)).get
    found = {}
    for key in keys:
        if row := db.execute(statement, key).fetchone():
            body, positions = row
            document = None if body is None else decode(model, body)
            found[key] = Stored(document, decode_positions(positions))
    return found


def _find(
    db: Connection, model: ReadModel[D], version: int | None, asked: Listing, limit: int
) -> list[Row[D]]:
    statement, parameters = table(model, version or live(db)).find(asked, limit)
    return [(row[:-1], decode(model, row[-1])) for row in db.execute(statement, parameters)]


def _checkpoint(
    db: Connection, version: int | None, projector: str, stream: str
) -> Checkpoint | None:
    row = db.execute(
        "SELECT incarnation, sequence FROM checkpoint "
        "WHERE version = ? AND projector = ? AND stream = ?",
        [version or live(db), projector, stream],
    ).fetchone()
    return None if row is None else Checkpoint(projector, stream, *row)


def _apply(
    db: Connection, version: int, writes: Sequence[Write[Any]], checkpoint: Checkpoint
) -> None:
    projector, stream = checkpoint.projector, checkpoint.stream
    refuse_another_log(_checkpoint(db, version, projector, stream), checkpoint)
    for statement, rows in _batches(version, writes):
        if db.executemany(statement, rows).rowcount != len(rows):
            raise Stale(STALE)
    db.execute(ADVANCE, [version, projector, stream, checkpoint.incarnation, checkpoint.sequence])


def _batches(
    version: int, writes: Sequence[Write[Any]]
) -> Iterator[tuple[str, list[tuple[Scalar | None, ...]]]]:
    groups: dict[tuple[bool, str], list[Write[Any]]] = {}
    for write in writes:
        groups.setdefault((bool(write.before), write.model.name), []).append(write)
    # Inserts first: a document that is new and then changed has one write of each kind.
    for (changes, _), group in sorted(groups.items(), key=itemgetter(0)):
        kept_in = table(group[0].model, version)
        statement = kept_in.update if changes else kept_in.insert
        yield statement, [_row(kept_in, write) for write in group]


def _row(kept_in: Table, write: Write[Any]) -> tuple[Scalar | None, ...]:
    sorting: Sequence[Scalar | None] = [None] * len(kept_in.kinds)
    body = None
    if write.document is not None:
        sorting = sort_values(kept_in.kinds, write.document)
        body = encode(write.document)
    row = (*sorting, encode_positions(write.after), body, write.organization, write.key)
    return (*row, encode_positions(write.before)) if write.before else row
