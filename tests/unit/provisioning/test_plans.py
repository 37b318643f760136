"""Every list of provisioning seeks in an index, in both directions and on every page."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.read_models import Bounds, Index, ReadModel
from chassis.stores.listing import listing
from chassis.stores.sorting import kinds
from chassis.stores.sqlite_schema import Table
from services.provisioning.projections import projections

VALUES: dict[type, Any] = {str: "x", int: 1, bool: True, datetime: datetime(2026, 1, 1, tzinfo=UTC)}
LISTS = [
    pytest.param(one.model, index, id=f"{one.model.name}.{index.name}")
    for one in projections
    for index in one.model.indexes
]


def plan(model: ReadModel[Any], index: Index, bounds: Bounds) -> list[str]:
    table = Table(model, 1)
    database = sqlite3.connect(":memory:")
    try:
        for statement in (table.definition, *table.indexes()):
            database.execute(statement)
        asked = listing(model, "acme", index.name, bounds, None)
        statement, parameters = table.find(asked, 51)
        steps = database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [str(step[-1]) for step in steps]
    finally:
        database.close()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("model", "index"), LISTS)
def test_a_list_seeks_in_its_index_and_sorts_nothing(
    model: ReadModel[Any], index: Index, descending: bool
) -> None:
    fields = kinds(model)
    for fixed in range(len(index.fields)):
        equals = tuple(VALUES[fields[name]] for name in index.fields[:fixed])
        (step,) = plan(model, index, Bounds(equals=equals, descending=descending))
        assert step.startswith(f"SEARCH {model.name}.1 USING INDEX {model.name}.1."), step
        assert "organization=?" in step
