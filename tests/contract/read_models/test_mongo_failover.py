"""What a replica set answers while it changes its primary: nothing of it may look like success."""

import pytest

from chassis.read_models import ReadModelsUnavailable
from chassis.stores.mongo_client import MongoDatabase, Put, Tree
from tests.contract.read_models.scripted_mongo import scripted_mongo

DRIVERS = ("motor", "pymongo")
REFUSALS: dict[str, Tree] = {
    "it steps down": {"ok": 0, "code": 10107, "errmsg": "not primary"},
    "it is out of time": {"ok": 0, "code": 262, "errmsg": "exceeded time limit"},
    "the cursor was of the old primary": {"ok": 0, "code": 43, "errmsg": "cursor not found"},
}
UNCONFIRMED: dict[str, Tree] = {
    "the majority is late": {"code": 64, "errmsg": "waiting for replication timed out"},
    "it steps down meanwhile": {"code": 189, "errmsg": "primary stepped down"},
}


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest, leaky_driver: None) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_primary_that_goes_has_not_answered(driver: str, refusal: str) -> None:
    answers = dict.fromkeys(("find", "update", "insert", "delete"), REFUSALS[refusal])
    with scripted_mongo(answers) as mongo:
        database = MongoDatabase(mongo.url, "x", driver=driver, patience_seconds=0.3)
        with pytest.raises(ReadModelsUnavailable, match="did not answer"):
            await database.find("desks", {})
        with pytest.raises(ReadModelsUnavailable, match="did not answer"):
            await database.change("desks", {"_id": 1}, {"name": "a"})
        with pytest.raises(ReadModelsUnavailable, match="did not answer"):
            await database.put("desks", [Put({"_id": 1})])
        await database.close()


@pytest.mark.parametrize("concern", UNCONFIRMED)
async def test_a_write_that_the_majority_did_not_confirm_is_no_write(
    driver: str, concern: str
) -> None:
    written = {"ok": 1, "n": 1, "nModified": 1, "writeConcernError": UNCONFIRMED[concern]}
    with scripted_mongo({"update": written, "insert": written}) as mongo:
        database = MongoDatabase(mongo.url, "x", driver=driver, patience_seconds=0.3)
        with pytest.raises(ReadModelsUnavailable):
            await database.change("desks", {"_id": 1}, {"name": "a"})
        with pytest.raises(ReadModelsUnavailable):
            await database.put("desks", [Put({"_id": 1})])
        await database.close()


async def test_any_other_refusal_is_not_waited_out(driver: str) -> None:
    answers: dict[str, Tree] = {"find": {"ok": 0, "code": 13, "errmsg": "not authorized"}}
    with scripted_mongo(answers) as mongo:
        database = MongoDatabase(mongo.url, "x", driver=driver)
        with pytest.raises(Exception, match="not authorized"):
            await database.find("desks", {})
        await database.close()


async def test_a_url_cannot_send_readers_to_a_secondary(driver: str) -> None:
    url = "mongodb://127.0.0.1:1/?readPreference=secondary&w=1"
    database = MongoDatabase(url, "x", driver=driver, patience_seconds=0.1)
    assert database.reads_from == "primary"
    assert database.write_concern == {"w": "majority"}
    await database.close()
