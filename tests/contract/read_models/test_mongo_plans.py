"""Every list is read from its index: neither a whole collection nor a sort, as the server tells."""

from collections.abc import Sequence
from typing import Any

import pytest
from pymongo import MongoClient

from chassis.read_models import Bounds
from chassis.stores.mongo_client import MongoDatabase, Tree
from chassis.stores.mongo_read_models import MongoReadModelStore
from tests.contract.read_models.sample import ACME, DESKS, Desk, desk, reached

COUNT = 2_000
LISTS = (
    ("by_key", Bounds()),
    ("by_name", Bounds()),
    ("by_name", Bounds(descending=True)),
    ("by_name", Bounds(low="Desk 01", high="Desk 03")),
    ("by_floor", Bounds(equals=(7,))),
    ("by_since", Bounds(equals=(True,), descending=True)),
    ("by_state", Bounds(equals=("free",), low="Desk 1")),
)
Stage = tuple[str, str | None]


class Asked(MongoDatabase):
    """Remembers the last list it was asked for."""

    last: Tree

    async def find(
        self,
        collection: str,
        wanted: Tree,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        index: str | None = None,
    ) -> list[Tree]:
        self.last = {"find": collection, "filter": wanted, "limit": limit}
        self.last |= {"sort": dict(sort), "hint": index}
        return await super().find(collection, wanted, sort=sort, limit=limit, index=index)


async def test_no_list_reads_a_whole_collection_or_sorts_it(
    mongo_url: str, database_name: str
) -> None:
    database = Asked(mongo_url, database_name)
    store = MongoReadModelStore(database)
    await store.open(DESKS)
    try:
        await store.find(DESKS, ACME, "by_key")
        if not _stages(_plan(mongo_url, database_name, database.last)):
            pytest.skip("THIS SERVER DOES NOT TELL HOW IT READS A LIST, so no plan was looked at")
        desks = [Desk(f"Desk {n:04}", floor=n % 10, hot=bool(n % 2)) for n in range(COUNT)]
        await store.apply([desk(f"d{n}", one) for n, one in enumerate(desks)], reached(1))
        plans = {}
        for index, bounds in LISTS:
            page = await store.find(DESKS, ACME, index, bounds, limit=10)
            plans[index, bounds, 1] = _plan(mongo_url, database_name, database.last)
            await store.find(DESKS, ACME, index, bounds, cursor=page.next, limit=10)
            plans[index, bounds, 2] = _plan(mongo_url, database_name, database.last)
    finally:
        await store.close()
    stages = {asked: _stages(plan) for asked, plan in plans.items()}
    wrong = {a: found for a, found in stages.items() if not _only_by_index(found, a[0])}
    assert wrong == {}


def _plan(url: str, database: str, asked: Tree) -> Any:
    with MongoClient[dict[str, Any]](url) as client:
        answer = client[database].command("explain", asked, verbosity="queryPlanner")
    return answer.get("queryPlanner", {}).get("winningPlan", {})


def _only_by_index(stages: Sequence[Stage], index: str) -> bool:
    used = {name for stage, name in stages if stage == "IXSCAN"}
    return used == {index} and not {stage for stage, _ in stages} & {"COLLSCAN", "SORT"}


def _stages(plan: Any) -> list[Stage]:
    if isinstance(plan, dict):
        here = [(plan["stage"], plan.get("indexName"))] if "stage" in plan else []
        return [*here, *_stages(list(plan.values()))]
    if isinstance(plan, list):
        return [stage for part in plan for stage in _stages(part)]
    return []
