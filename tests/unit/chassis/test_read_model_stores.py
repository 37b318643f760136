"""One setting says which database keeps the read models."""

from pathlib import Path

import pytest

from chassis.mongo_read_models import MongoReadModelStore
from chassis.read_model_stores import read_model_store
from chassis.sqlite_read_models import SqliteReadModelStore


async def test_sqlite_keeps_each_service_in_a_file(tmp_path: Path) -> None:
    store = read_model_store("sqlite", "sessions", tmp_path)
    assert isinstance(store, SqliteReadModelStore)
    await store.open()
    await store.close()
    assert (tmp_path / "sessions.db").exists()


async def test_a_mongodb_url_names_the_server(tmp_path: Path) -> None:
    store = read_model_store("mongodb://127.0.0.1:1/", "sessions", tmp_path)
    assert isinstance(store, MongoReadModelStore)
    await store.close()


@pytest.mark.parametrize("setting", ["", "SQLite", "postgres://x", "mongo"])
def test_any_other_setting_is_refused(setting: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SWITCHBOARD_STORE"):
        read_model_store(setting, "sessions", tmp_path)
