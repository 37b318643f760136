"""Every adapter of the read-model port, for one suite to run on."""

import gc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import MongoClient

from chassis.read_models import ReadModelStore
from chassis.stores.mongo_client import MongoDatabase
from chassis.stores.mongo_read_models import MongoReadModelStore
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from chassis.testing.mongo import mongo_server
from chassis.testing.read_models import Memory, MemoryReadModelStore
from tests.contract.read_models.sample import DESKS

Connect = Callable[[], Awaitable[ReadModelStore]]
"""Opens one more store on the same data, as another process would."""

FERRETDB_BULK = 20
"""FerretDB 1 holds a connection per update of a command until its end, and has 100 of them."""


@pytest.fixture(scope="session")
def mongo_url() -> Iterator[str]:
    with mongo_server() as url:
        yield url


@pytest.fixture
def database_name(mongo_url: str) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield name
    with MongoClient[dict[str, object]](mongo_url) as client:
        client.drop_database(name)


@pytest.fixture
def leaky_driver() -> Iterator[None]:
    """PyMongo's monitor forgets the socket on which it is connecting when it is closed."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def memory_stores(_request: pytest.FixtureRequest) -> Callable[[], ReadModelStore]:
    memory = Memory()
    return lambda: MemoryReadModelStore(memory)


def sqlite_stores(request: pytest.FixtureRequest) -> Callable[[], ReadModelStore]:
    directory: Path = request.getfixturevalue("tmp_path")
    return lambda: SqliteReadModelStore(SqliteDatabase(directory / "read-models.db"))


def motor_stores(request: pytest.FixtureRequest) -> Callable[[], ReadModelStore]:
    return _mongo_stores(request, "motor")


def pymongo_stores(request: pytest.FixtureRequest) -> Callable[[], ReadModelStore]:
    return _mongo_stores(request, "pymongo")


def _mongo_stores(request: pytest.FixtureRequest, driver: str) -> Callable[[], ReadModelStore]:
    url: str = request.getfixturevalue("mongo_url")
    name: str = request.getfixturevalue("database_name")
    return lambda: MongoReadModelStore(
        MongoDatabase(url, name, driver=driver, bulk_size=FERRETDB_BULK)
    )


ADAPTERS = {
    "memory": memory_stores,
    "sqlite": sqlite_stores,
    "motor": motor_stores,
    "pymongo": pymongo_stores,
}


@pytest.fixture(params=ADAPTERS)
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    adapter = ADAPTERS[request.param](request)
    async with AsyncExitStack() as opened:

        async def connected() -> ReadModelStore:
            store = adapter()
            opened.push_async_callback(store.close)
            await store.open(DESKS)
            return store

        yield connected


@pytest.fixture
async def store(connect: Connect) -> ReadModelStore:
    return await connect()
