"""Read models in one SQLite file: documents and checkpoint change in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
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
    shape,
)
from chassis.stores.listing import Listing, Row, listing
from chassis.stores.read_model_rules import (
    STALE,
    refuse_another_log,
    refuse_live,
    refuse_outdated,
    refuse_unknown,
)
from chassis.stores.sorting import Scalar, sort_values
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_schema import ADVANCE, BOOKKEEPING, Table, table_name

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

    async def open(self, *models: ReadModel[Any]) -> None:
        """Create what is missing. Raises `Outdated`, `ReadModelsUnavailable`."""
        self._filling = await self._database.write(_open, self._version, models)
        # A crash may have come between an erasure and its scrubbing. If others read, they do it.
        with suppress(ReadModelsUnavailable):
            await self.scrub()

    async def close(self) -> None:
        """Finish what is under way and close the file, unless this is only one version of it."""
        if self._version is None:
            await self._database.close()

    async def ping(self) -> None:
        """Raise `ReadModelsUnavailable` if the file cannot be read."""
        await self._database.read(_live)

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
        return await self._database.read(_versions)

    async def swap(self, version: int) -> None:
        """Let readers see this version from their next question on. Raises `UnknownVersion`."""
        await self._database.write(_swap, version)

    async def plan(self, version: int | None, *, ready: bool = False) -> None:
        """Say which version is to take the place of the live one, None for none."""
        await self._database.write(_plan, version, ready=ready)

    async def discard(self, version: int) -> None:
        """Delete what was filled as `version`. Raises `StillLive`."""
        await self._database.write(_discard, version)

    async def scan(
        self, model: ReadModel[Any], after: tuple[str, ...] | None, limit: int
    ) -> list[Kept]:
        """What is kept of a read model, deleted documents as well, `limit` places at a time."""
        return await self._database.read(_scan, model, self._version, after, limit)


_table = cache(Table)


def _open(db: Connection, version: int | None, models: Sequence[ReadModel[Any]]) -> int:
    for statement in BOOKKEEPING:
        db.execute(statement)
    db.execute("INSERT INTO live VALUES (1, 1) ON CONFLICT DO NOTHING")
    version = version or _live(db)
    kept: dict[str, str] = dict(
        db.execute("SELECT name, shape FROM read_model WHERE version = ?", [version])
    )
    started = db.execute("SELECT 1 FROM checkpoint WHERE version = ?", [version]).fetchone()
    refuse_outdated(models, kept, filled=started is not None)
    for model in models:
        _create(db, _table(model, version), kept.get(model.name))
    return version


def _create(db: Connection, table: Table, kept_shape: str | None) -> None:
    if kept_shape != shape(table.model):
        db.execute(f"DROP TABLE IF EXISTS {table.name}")
    for statement in table.definition():
        db.execute(statement)
    db.execute(
        "INSERT OR REPLACE INTO read_model (version, name, shape) VALUES (?, ?, ?)",
        [table.version, table.model.name, shape(table.model)],
    )


def _live(db: Connection) -> int:
    version: int = db.execute("SELECT version FROM live").fetchone()[0]
    return version


def _versions(db: Connection) -> Versions:
    kept = db.execute("SELECT DISTINCT version FROM read_model ORDER BY version")
    planned = db.execute("SELECT version, ready FROM plan").fetchone() or (None, False)
    return Versions(_live(db), tuple(version for (version,) in kept), planned[0], bool(planned[1]))


def _swap(db: Connection, version: int) -> None:
    refuse_unknown(version, _versions(db).kept)
    db.execute("UPDATE live SET version = ?", [version])
    db.execute("DELETE FROM plan WHERE version = ?", [version])


def _plan(db: Connection, version: int | None, *, ready: bool) -> None:
    db.execute("DELETE FROM plan")
    if version is not None:
        db.execute("INSERT INTO plan VALUES (1, ?, ?)", [version, ready])


def _discard(db: Connection, version: int) -> None:
    refuse_live(version, _live(db))
    names = db.execute("SELECT name FROM read_model WHERE version = ?", [version]).fetchall()
    for (name,) in names:
        db.execute(f"DROP TABLE {table_name(name, version)}")
    db.execute("DELETE FROM read_model WHERE version = ?", [version])
    db.execute("DELETE FROM checkpoint WHERE version = ?", [version])
    db.execute("DELETE FROM plan WHERE version = ?", [version])


def _scan(
    db: Connection,
    model: ReadModel[Any],
    version: int | None,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[Kept]:
    rows = db.execute(_table(model, version or _live(db)).scan, [*(after or ("", "")), limit])
    return [
        Kept((organization, key), organization, key, decode_positions(positions), body)
        for organization, key, positions, body in rows
    ]


def _get(
    db: Connection, model: ReadModel[D], version: int | None, keys: Sequence[Pair]
) -> dict[Pair, Stored[D]]:
    statement = _table(model, version or _live(db)).get
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
    statement, parameters = _table(model, version or _live(db)).find(asked, limit)
    return [(row[:-1], decode(model, row[-1])) for row in db.execute(statement, parameters)]


def _checkpoint(
    db: Connection, version: int | None, projector: str, stream: str
) -> Checkpoint | None:
    row = db.execute(
        "SELECT incarnation, sequence FROM checkpoint "
        "WHERE version = ? AND projector = ? AND stream = ?",
        [version or _live(db), projector, stream],
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
        table = _table(group[0].model, version)
        yield table.update if changes else table.insert, [_row(table, write) for write in group]


def _row(table: Table, write: Write[Any]) -> tuple[Scalar | None, ...]:
    sorting: Sequence[Scalar | None] = [None] * len(table.kinds)
    body = None
    if write.document is not None:
        sorting = sort_values(table.kinds, write.document)
        body = encode(write.document)
    row = (*sorting, encode_positions(write.after), body, write.organization, write.key)
    return (*row, encode_positions(write.before)) if write.before else row
