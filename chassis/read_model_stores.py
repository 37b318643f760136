"""Which database keeps the read models, from one setting."""

from pathlib import Path

from chassis.read_models import ReadModelStore
from chassis.sqlite_database import SqliteDatabase
from chassis.sqlite_read_models import SqliteReadModelStore


def read_model_store(setting: str, service: str, directory: Path) -> ReadModelStore:
    """The read models of a service: `sqlite` in a file of `directory`, or a `mongodb://` URL.

    Raises ValueError.
    """
    if setting == "sqlite":
        return SqliteReadModelStore(SqliteDatabase(directory / f"{service}.db"))
    if setting.startswith(("mongodb://", "mongodb+srv://")):
        return _mongo_store(setting, service)
    raise ValueError("SWITCHBOARD_STORE has to be sqlite or a mongodb:// URL")


def _mongo_store(url: str, service: str) -> ReadModelStore:
    # Its drivers are an extra, and take a second to import.
    from chassis.mongo_client import MongoDatabase  # noqa: PLC0415  # as said above
    from chassis.mongo_read_models import MongoReadModelStore  # noqa: PLC0415  # as said above

    return MongoReadModelStore(MongoDatabase(url, service))
