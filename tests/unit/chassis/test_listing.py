"""A cursor leads back to the list that made it, and nowhere else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec
import pytest

from chassis.read_models import Bounds, Index, ReadModel, WrongCursor
from chassis.stores.listing import listing


@dataclass(frozen=True)
class Desk:
    """A desk on a floor."""

    name: str
    holder: str
    floor: int


INDEXES = (
    Index("by_name", ("name",)),
    Index("by_holder", ("holder",)),
    Index("by_floor", ("floor",)),
)
DESKS = ReadModel("desks_v1", Desk, INDEXES)
MACHINES = ReadModel("machines_v1", Desk, INDEXES)


def cursor(index: str, place: tuple[str | int, ...]) -> str:
    asked = listing(DESKS, "acme", index, Bounds(), None)
    page = asked.page([(place, Desk("a", "b", 1))] * 2, limit=1)
    assert page.next
    return page.next


def forged(values: list[object]) -> str:
    real = cursor("by_name", ("a", "k"))
    scope, _ = msgspec.msgpack.decode(urlsafe_b64decode(real + "=="))
    return urlsafe_b64encode(msgspec.msgpack.encode((scope, values))).decode()


def test_a_cursor_says_where_its_page_ended() -> None:
    after = listing(DESKS, "acme", "by_name", Bounds(), cursor("by_name", ("Ä", "k"))).after
    assert after == ("Ä", "k")


@pytest.mark.parametrize(
    ("model", "index"), [(MACHINES, "by_name"), (DESKS, "by_holder"), (DESKS, "by_floor")]
)
def test_a_cursor_of_a_list_that_looks_alike_is_refused(model: ReadModel[Desk], index: str) -> None:
    with pytest.raises(WrongCursor, match="ask for the first page"):
        listing(model, "acme", index, Bounds(), cursor("by_name", ("a", "k")))


def test_a_cursor_may_be_put_together_by_hand() -> None:
    assert listing(DESKS, "acme", "by_name", Bounds(), forged(["x", "y"])).after == ("x", "y")


@pytest.mark.parametrize(
    "values",
    [[], ["x"], ["x", "y", "z"], [1, "k"], ["x", 1], ["x", None], ["x", ["y"]], ["x", {"$gt": ""}]],
)
def test_a_cursor_with_other_values_than_the_list_has_is_refused(values: list[object]) -> None:
    with pytest.raises(WrongCursor):
        listing(DESKS, "acme", "by_name", Bounds(), forged(values))


def test_a_cursor_with_a_number_no_database_has_is_refused() -> None:
    with pytest.raises(WrongCursor):
        listing(DESKS, "acme", "by_floor", Bounds(), cursor("by_floor", (2**63, "k")))
