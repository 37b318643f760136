"""Read models are thrown away and come back the same, in either store."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from pymongo import MongoClient

from chassis.testing.eventually import eventually
from switchboard.demo.client import Json
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.broker import settled
from tests.e2e.lists import lists, lists_at_rest
from tests.e2e.mongo import databases, fresh_mongo, wipe
from tests.e2e.product import Product, running

ADA = Person("Ada", "Lovelace", "ada@demo.example")
PACE_SECONDS = 0.1

Documents = dict[str, list[str]]


class Store(Protocol):
    """Where read models are kept, seen from outside the product."""

    url: str

    def documents(self) -> Documents: ...

    def wipe(self) -> None: ...


@dataclass
class SqliteStore:
    """Files in the data folder."""

    folder: Path
    url: str = "sqlite"

    def documents(self) -> Documents:
        found: Documents = {}
        for file in sorted(self.folder.glob("*.sqlite")):
            with sqlite3.connect(file) as database:
                tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in sorted(tables.fetchall()):
                    rows = database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608  # our own names
                    found[f"{file.name} {table}"] = sorted(map(repr, rows))
        return found

    def wipe(self) -> None:
        shutil.rmtree(self.folder)


@dataclass
class MongoStore:
    """A database per service."""

    url: str

    def documents(self) -> Documents:
        found: Documents = {}
        with MongoClient[dict[str, Any]](self.url) as client:
            for name in databases(client):
                for collection in sorted(client[name].list_collection_names()):
                    kept = client[name][collection].find()
                    found[f"{name} {collection}"] = sorted(map(repr, kept))
        return found

    def wipe(self) -> None:
        wipe(self.url)


@pytest.fixture(params=["sqlite", "mongodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with _mongo() if request.param == "mongodb" else _sqlite(tmp_path) as kept:
        yield kept


@contextmanager
def _sqlite(folder: Path) -> Iterator[Store]:
    yield SqliteStore(folder / "data" / "read-models")


@contextmanager
def _mongo() -> Iterator[Store]:
    with fresh_mongo() as url:
        yield MongoStore(url)


async def test_i33_killed_it_gives_the_same_answers_and_rebuilds_read_models_byte_for_byte(
    store: Store, tmp_path: Path
) -> None:
    async with running(tmp_path / "data", store.url) as product:
        answers = await _two_stories(product)
        product.kill()
        await product.start()
        await _shows(product, answers)
        product.stop()
        before = store.documents()
        store.wipe()
        await product.start()
        await _shows(product, answers)
        product.stop()
        assert store.documents() == before
        assert before


async def _two_stories(product: Product) -> dict[str, Json]:
    async with product.administrator() as client:
        for _ in range(2):
            await tell(client, ADA, new_run(), lambda _: None)
        return await lists_at_rest(product, client)


async def _shows(product: Product, answers: dict[str, Json]) -> None:
    async with product.administrator() as client:

        async def shown() -> bool:
            return await lists(client) == answers

        with suppress(TimeoutError):
            await eventually(shown)
        assert await lists(client) == answers
    await settled(product)


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("mongodb", marks=pytest.mark.nightly)], indirect=True
)
async def test_i33_read_models_rebuilt_beside_live_traffic_are_the_same_and_no_list_gets_older(
    store: Store, tmp_path: Path
) -> None:
    async with running(tmp_path / "data", store.url) as product:
        await _two_stories(product)
        stopping = asyncio.Event()
        writing = asyncio.create_task(_write(product, stopping))
        reading = asyncio.create_task(_read_on(product, stopping))
        await _rebuild(product)
        stopping.set()
        written, seen = await writing, await reading
        assert written > 0
        assert seen == sorted(seen), "a list got older"
        assert seen[0] > 0
        async with product.administrator() as client:
            answers = await lists_at_rest(product, client)
        product.stop()
        swapped = _of_version(store.documents(), 2)
        store.wipe()
        await product.start()
        await _shows(product, answers)
        product.stop()
        assert _of_version(store.documents(), 1) == swapped
        assert swapped


async def _write(product: Product, stopping: asyncio.Event) -> int:
    written = 0
    async with product.administrator() as client:
        while not stopping.is_set():
            emails = [{"address": f"a{written}@demo.example", "label": "work"}]
            body = {"first_name": "Ada", "last_name": f"Number {written}", "emails": emails}
            await client.command("/api/v1/contacts", body)
            written += 1
            await asyncio.sleep(PACE_SECONDS)
    return written


async def _read_on(product: Product, stopping: asyncio.Event) -> list[int]:
    """How many contacts a reader saw, time after time."""
    seen = []
    async with product.administrator() as client:
        while not stopping.is_set():
            page = await client.read("/api/v1/contacts?limit=200")
            seen.append(len(page["items"]))
            await asyncio.sleep(PACE_SECONDS)
    return seen


async def _rebuild(product: Product) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "switchboard", "rebuild", "--all", "--yes"),
        env={**os.environ, **product.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, output.decode()


def _of_version(documents: Documents, version: int) -> Documents:
    """The documents of one version, by read model."""
    suffix = f".{version}"
    return {
        name.removesuffix(suffix): rows for name, rows in documents.items() if name.endswith(suffix)
    }
