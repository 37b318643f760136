"""What only the MongoDB adapter has to settle: drivers, outages and writes half done."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis.read_models import Bounds, ReadModelsUnavailable, Stale
from chassis.stores.mongo_client import MongoDatabase, Put, chosen_driver
from chassis.stores.mongo_read_models import MongoReadModelStore
from tests.contract.read_models.sample import ACME, DESKS, Desk, desk, fill, names, reached

DRIVERS = ("motor", "pymongo")


class CutOff(MongoDatabase):
    """Loses its connection after it has written documents."""

    async def put(self, collection: str, puts: Sequence[Put]) -> bool:
        await super().put(collection, puts)
        raise ReadModelsUnavailable("cut off")


@pytest.fixture
async def silent_url(leaky_driver: None) -> AsyncIterator[str]:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        yield f"mongodb://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_server_that_does_not_answer_is_unavailable(silent_url: str, driver: str) -> None:
    database = MongoDatabase(silent_url, "x", driver=driver, patience_seconds=0.2)
    store = MongoReadModelStore(database)
    with pytest.raises(ReadModelsUnavailable, match="did not answer"):
        await store.ping()
    with pytest.raises(ReadModelsUnavailable):
        await store.open(DESKS)
    await store.close()


@pytest.mark.parametrize("driver", DRIVERS)
async def test_the_checkpoint_waits_for_the_documents(
    mongo_url: str, database_name: str, driver: str
) -> None:
    store = MongoReadModelStore(MongoDatabase(mongo_url, database_name, driver=driver))
    cut_off = MongoReadModelStore(CutOff(mongo_url, database_name, driver=driver))
    await store.open(DESKS)
    await cut_off.open(DESKS)
    with pytest.raises(ReadModelsUnavailable):
        await cut_off.apply([desk("d1", Desk("written"), after=3)], reached(3))
    assert await store.get(DESKS, ACME, "d1") == Desk("written")
    assert await store.checkpoint("sessions", "SESSIONS") is None
    with pytest.raises(Stale):
        await store.apply([desk("d1", Desk("again"), after=3)], reached(3))
    await cut_off.close()
    await store.close()


@pytest.mark.parametrize("driver", DRIVERS)
async def test_what_did_get_written_of_a_stale_call_is_whole(
    mongo_url: str, database_name: str, driver: str
) -> None:
    store = MongoReadModelStore(MongoDatabase(mongo_url, database_name, driver=driver))
    await store.open(DESKS)
    await fill(store, {"d1": Desk("first")})
    with pytest.raises(Stale):
        await store.apply([desk("d1", Desk("late")), desk("d2", Desk("new"))], reached(2))
    found = await store.stored(DESKS, [(ACME, "d1"), (ACME, "d2")])
    assert [one.document for one in found.values()] == [Desk("first"), Desk("new")]
    assert await names(store, "by_name", Bounds()) == ["first", "new"]
    await store.close()


@pytest.mark.parametrize("driver", DRIVERS)
async def test_writes_wait_for_the_majority(mongo_url: str, driver: str) -> None:
    database = MongoDatabase(mongo_url, "x", driver=driver)
    assert database.write_concern == {"w": "majority"}
    await database.close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_driver_is_a_setting(monkeypatch: pytest.MonkeyPatch, driver: str) -> None:
    monkeypatch.setenv("MONGO_DRIVER", driver)
    assert chosen_driver() == driver


def test_motor_is_the_driver_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGO_DRIVER", raising=False)
    assert chosen_driver() == "motor"


def test_an_unknown_driver_is_refused() -> None:
    with pytest.raises(ValueError, match="choose motor or pymongo"):
        MongoDatabase("mongodb://127.0.0.1:1/", "x", driver="mongoengine")
