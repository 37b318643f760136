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
INDEXED, WHOLE = {"IXSCAN", "Index Scan"}, {"COLLSCAN", "SORT", "Seq Scan", "Sort"}
Stage = tuple[str, str | None]


class Asked(MongoDatabase):
    """Remembers the last list it was asked for."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self.asked: list[Tree] = []

    async def find(
        self,
        collection: str,
        wanted: Tree,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        index: str | None = None,
    ) -> list[Tree]:
        question = {"find": collection, "filter": wanted, "sort": dict(sort), "limit": limit}
        self.asked.append(question | {"hint": index})
        return await super().find(collection, wanted, sort=sort, limit=limit, index=index)


async def test_no_list_reads_a_whole_collection_or_sorts_it(
    mongo_url: str, database_name: str
) -> None:
    database = Asked(mongo_url, database_name)
    store = MongoReadModelStore(database)
    await store.open(DESKS)
    try:
        await store.find(DESKS, ACME, "by_key")
        if not _stages(_plan(mongo_url, database_name, database.asked[-1])):
            pytest.skip("THIS SERVER DOES NOT TELL HOW IT READS A LIST, so no plan was looked at")
        desks = [Desk(f"Desk {n:04}", floor=n % 10, hot=bool(n % 2)) for n in range(COUNT)]
        await store.apply([desk(f"d{n}", one) for n, one in enumerate(desks)], reached(1))
        for index, bounds in LISTS:
            page = await store.find(DESKS, ACME, index, bounds, limit=10)
            await store.find(DESKS, ACME, index, bounds, cursor=page.next, limit=10)
    finally:
        await store.close()
    asked = [one for one in database.asked if one["hint"]]
    plans = [(one, _stages(_plan(mongo_url, database_name, one))) for one in asked]
    assert [plan for plan in plans if not _only_by_index(plan[1], plan[0]["hint"])] == []
    assert len(plans) > 2 * len(LISTS)


def _plan(url: str, database: str, asked: Tree) -> Any:
    with MongoClient[dict[str, Any]](url) as client:
        answer = client[database].command("explain", asked, verbosity="queryPlanner")
    told = answer.get("queryPlanner", {})
    return told.get("winningPlan") or told.get("Plan")


def _only_by_index(stages: Sequence[Stage], index: str) -> bool:
    used = {name for stage, name in stages if stage in INDEXED}
    return used == {index} and not {stage for stage, _ in stages} & WHOLE


def _stages(plan: Any) -> list[Stage]:
    if isinstance(plan, dict):
        # As MongoDB tells it, or PostgreSQL behind FerretDB 2.
        stage = plan.get("stage") or plan.get("Node Type")
        index = plan.get("indexName") or plan.get("Index Name")
        return [*([(stage, index)] if stage else []), *_stages(list(plan.values()))]
    if isinstance(plan, list):
        return [stage for part in plan for stage in _stages(part)]
    return []
