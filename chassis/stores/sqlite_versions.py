"""The versions of read models in a SQLite file: made, planned, swapped, discarded."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from chassis.read_model_versions import Versions
from chassis.read_models import ReadModel
from chassis.stores.documents import shape
from chassis.stores.read_model_rules import refuse_live, refuse_outdated, refuse_unknown
from chassis.stores.sqlite_schema import BOOKKEEPING, Table, table, table_name


def opened(db: Connection, version: int | None, models: Sequence[ReadModel[Any]]) -> int:
    """Create the tables that are missing; answers the version. Raises `Outdated`."""
    for statement in BOOKKEEPING:
        db.execute(statement)
    db.execute("INSERT INTO live VALUES (1, 1) ON CONFLICT DO NOTHING")
    version = version or live(db)
    kept: dict[str, str] = dict(
        db.execute("SELECT name, shape FROM read_model WHERE version = ?", [version])
    )
    started = db.execute("SELECT 1 FROM checkpoint WHERE version = ?", [version]).fetchone()
    refuse_outdated(models, kept, filled=started is not None)
    for model in models:
        _create(db, table(model, version), kept.get(model.name))
    return version


def _create(db: Connection, kept_in: Table, kept_shape: str | None) -> None:
    if kept_shape != shape(kept_in.model):
        db.execute(f"DROP TABLE IF EXISTS {kept_in.name}")
    db.execute(kept_in.definition)
    db.execute(
        "INSERT OR REPLACE INTO read_model (version, name, shape) VALUES (?, ?, ?)",
        [kept_in.version, kept_in.model.name, shape(kept_in.model)],
    )


def live(db: Connection) -> int:
    """The version that readers see."""
    version: int = db.execute("SELECT version FROM live").fetchone()[0]
    return version


def versions_of(db: Connection) -> Versions:
    """All versions, and what is planned with them."""
    kept = db.execute("SELECT DISTINCT version FROM read_model ORDER BY version")
    planned = db.execute("SELECT version, ready FROM plan").fetchone() or (None, False)
    return Versions(live(db), tuple(version for (version,) in kept), planned[0], bool(planned[1]))


def swapped(db: Connection, version: int) -> None:
    """Let readers see a version. Raises `UnknownVersion`."""
    refuse_unknown(version, versions_of(db).kept)
    db.execute("UPDATE live SET version = ?", [version])
    db.execute("DELETE FROM plan WHERE version = ?", [version])


def planned(db: Connection, version: int | None, *, ready: bool) -> None:
    """Say which version is to take the place of the live one."""
    db.execute("DELETE FROM plan")
    if version is not None:
        db.execute("INSERT INTO plan VALUES (1, ?, ?)", [version, ready])


def discarded(db: Connection, version: int) -> None:
    """Drop a version. Raises `StillLive`."""
    refuse_live(version, live(db))
    names = db.execute("SELECT name FROM read_model WHERE version = ?", [version]).fetchall()
    for (name,) in names:
        db.execute(f"DROP TABLE {table_name(name, version)}")
    db.execute("DELETE FROM read_model WHERE version = ?", [version])
    db.execute("DELETE FROM checkpoint WHERE version = ?", [version])
    db.execute("DELETE FROM plan WHERE version = ?", [version])


def run(db: Connection, statement: str) -> None:
    """Carry out a statement that answers nothing."""
    db.execute(statement)
