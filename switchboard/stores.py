"""Opens the read-model store that an installation has chosen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.read_models import ReadModelStore
from switchboard.settings import SQLITE


@asynccontextmanager
async def read_model_store(store: str, data: Path, service: str) -> AsyncIterator[ReadModelStore]:
    """The read models of one service: a file of its own, or a database of its own."""
    if store == SQLITE:
        from chassis.sqlite_read_models import SqliteReadModelStore  # noqa: PLC0415 - one is used

        opened: ReadModelStore = SqliteReadModelStore(data / "read-models" / f"{service}.sqlite")
    else:
        from chassis.mongo_read_models import MongoReadModelStore  # noqa: PLC0415 - an extra

        opened = MongoReadModelStore(store, f"switchboard_{service}")
    try:
        yield opened
    finally:
        await opened.close()
