"""Every list of a read model seeks in an index, however deep the page."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chassis.read_models import Bounds, Index, ReadModel
from chassis.stores.listing import listing
from chassis.stores.sqlite_schema import Table


@dataclass(frozen=True)
class Desk:
    """A desk on a floor."""

    floor: int
    name: str


DESKS = ReadModel("desks_v1", Desk, (Index("by_floor", ("floor", "name")), Index("by_key", ())))
TABLE = Table(DESKS, 1)


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for statement in (TABLE.definition, *TABLE.indexes()):
        connection.execute(statement)
    yield connection
    connection.close()


def plan(database: sqlite3.Connection, index: str, bounds: Bounds, *, deep: bool) -> str:
    asked = listing(DESKS, "acme", index, bounds, None)
    if deep:
        values = [*(2 if name == "floor" else "x" for name in asked.order), "k"]
        page = asked.page([(tuple(values), Desk(2, "x"))] * 2, limit=1)
        asked = listing(DESKS, "acme", index, bounds, page.next)
    statement, parameters = TABLE.find(asked, 50)
    steps = database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    assert len(steps) == 1, steps
    return str(steps[0][-1])


BY_FLOOR = "SEARCH desks_v1.1 USING INDEX desks_v1.1.by_floor "
BY_KEY = "SEARCH desks_v1.1 USING PRIMARY KEY "


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("index", "bounds", "expected"),
    [
        ("by_floor", Bounds(), f"{BY_FLOOR}(organization=?)"),
        ("by_floor", Bounds((2,)), f"{BY_FLOOR}(organization=? AND by_floor=?)"),
        (
            "by_floor",
            Bounds(low=2, high=4),
            f"{BY_FLOOR}(organization=? AND by_floor>? AND by_floor<?)",
        ),
        (
            "by_floor",
            Bounds((2,), low="a"),
            f"{BY_FLOOR}(organization=? AND by_floor=? AND by_name>?)",
        ),
        ("by_key", Bounds(), f"{BY_KEY}(organization=?)"),
    ],
)
def test_the_first_page_of_a_list_seeks_to_its_bounds(
    database: sqlite3.Connection, index: str, bounds: Bounds, expected: str, descending: bool
) -> None:
    turned = Bounds(bounds.equals, bounds.low, bounds.high, descending)
    assert plan(database, index, turned, deep=False) == expected


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("index", "bounds", "expected"),
    [
        (
            "by_floor",
            Bounds(),
            f"{BY_FLOOR}(organization=? AND (by_floor,by_name,key){{0}}(?,?,?))",
        ),
        (
            "by_floor",
            Bounds((2,)),
            f"{BY_FLOOR}(organization=? AND by_floor=? AND (by_name,key){{0}}(?,?))",
        ),
        (
            "by_floor",
            Bounds((2, "x")),
            f"{BY_FLOOR}(organization=? AND by_floor=? AND by_name=? AND key{{0}}?)",
        ),
        ("by_key", Bounds(), f"{BY_KEY}(organization=? AND key{{0}}?)"),
    ],
)
def test_a_later_page_seeks_to_its_cursor(
    database: sqlite3.Connection, index: str, bounds: Bounds, expected: str, descending: bool
) -> None:
    turned = Bounds(bounds.equals, descending=descending)
    wanted = expected.format("<" if descending else ">")
    assert plan(database, index, turned, deep=True) == wanted


@pytest.mark.parametrize(("descending", "step"), [(False, ">"), (True, "<")])
def test_a_bound_does_not_keep_a_later_page_from_its_cursor(
    database: sqlite3.Connection, descending: bool, step: str
) -> None:
    found = plan(database, "by_floor", Bounds((2,), "a", "z", descending), deep=True)
    assert f"(by_name,key){step}(?,?)" in found


def test_a_document_is_found_by_its_primary_key(database: sqlite3.Connection) -> None:
    steps = database.execute(f"EXPLAIN QUERY PLAN {TABLE.get}", ("acme", "k")).fetchall()
    assert steps[0][-1] == f"{BY_KEY}(organization=? AND key=?)"
