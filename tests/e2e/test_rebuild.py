"""Read models are thrown away and come back the same; two stores tell the same story."""

import shutil
import sqlite3
from pathlib import Path

from chassis.testing.mongo import mongo_server
from switchboard.demo.client import Client, Json
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.product import Product, running

ADA = Person("Ada", "Lovelace", "ada@demo.example")
LISTS = ("providers", "sip-accounts", "contacts", "devices", "notifications")


async def test_i33_deleted_read_models_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as product:
        answers = await _two_stories(product)
        product.stop()
        before = _documents(product.data)
        shutil.rmtree(product.data / "read-models")
        await product.start()
        assert await _lists(product) == answers
        product.stop()
        assert _documents(product.data) == before


async def test_the_same_story_with_a_mongodb_store(tmp_path: Path) -> None:
    with mongo_server() as url:
        async with running(tmp_path / "data", f"{url.rstrip('/')}/") as product:
            answers = await _two_stories(product)
            product.kill()
            await product.start()
            assert await _lists(product) == answers


async def _two_stories(product: Product) -> dict[str, Json]:
    async with product.administrator() as client:
        for _ in range(2):
            await tell(client, ADA, new_run(), lambda _: None)
        return await _read(client)


async def _lists(product: Product) -> dict[str, Json]:
    async with product.administrator() as client:
        return await _read(client)


async def _read(client: Client) -> dict[str, Json]:
    return {name: await client.read(f"/api/v1/{name}") for name in LISTS}


def _documents(data: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((data / "read-models").glob("*.sqlite")):
        with sqlite3.connect(file) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in sorted(tables.fetchall()):
                rows = database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - our own names
                found[f"{file.name} {table}"] = sorted(map(repr, rows))
    assert found
    return found
