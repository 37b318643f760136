"""Opens the read-model store that an installation has chosen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.read_models import ReadModelStore
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from switchboard.settings import SQLITE


@asynccontextmanager
async def read_model_store(store: str, data: Path, service: str) -> AsyncIterator[ReadModelStore]:
    """The read models of one service: a file of its own, or a database of its own."""
    if store == SQLITE:
        folder = data / "read-models"
        folder.mkdir(parents=True, exist_ok=True)
        opened: ReadModelStore = SqliteReadModelStore(SqliteDatabase(folder / f"{service}.sqlite"))
    else:
        from chassis.stores.mongo_client import MongoDatabase  # noqa: PLC0415 - needs an extra
        from chassis.stores.mongo_read_models import MongoReadModelStore  # noqa: PLC0415 - needs an extra

        opened = MongoReadModelStore(MongoDatabase(store, f"switchboard_{service}"))
    try:
        yield opened
    finally:
        await opened.close()
