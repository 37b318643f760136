"""Lists are sorted alike on every adapter, in pages that lose and repeat nothing."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from chassis.read_models import Bounds, ReadModelStore, WrongCursor
from tests.contract.read_models.sample import ACME, DESKS, NOON, OTHER, Desk, State, fill, names

FORGED = (
    "",
    "x",
    "====",
    "é",
    "AAAA",
    "kcQIAAAAAAAAAACR",
    "gA",
)


def desks(**columns: list[Any]) -> dict[str, Desk]:
    """Desks d00, d01 … named like their keys, with these values."""
    rows = zip(*columns.values(), strict=True)
    return {
        f"d{number:02}": replace(Desk(f"d{number:02}"), **dict(zip(columns, row, strict=True)))
        for number, row in enumerate(rows)
    }


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("index", ["by_key", "by_name"])
async def test_pages_follow_on_each_other(
    store: ReadModelStore, index: str, descending: bool
) -> None:
    await fill(store, desks(floor=[1] * 8))
    found: list[str] = []
    sizes: list[int] = []
    cursor = None
    while not sizes or cursor:
        page = await store.find(
            DESKS, ACME, index, Bounds(descending=descending), cursor=cursor, limit=3
        )
        found += [one.name for one in page.items]
        sizes.append(len(page.items))
        cursor = page.next
    assert sizes == [3, 3, 2]
    assert found == sorted(found, reverse=descending)
    assert len(set(found)) == 8


async def test_a_last_page_that_is_full_has_no_next(store: ReadModelStore) -> None:
    await fill(store, desks(floor=[1] * 3))
    assert (await store.find(DESKS, ACME, "by_name", limit=3)).next is None
    assert (await store.find(DESKS, ACME, "by_name", limit=2)).next is not None


@pytest.mark.parametrize("descending", [False, True])
async def test_equal_sort_values_are_told_apart_by_key(
    store: ReadModelStore, descending: bool
) -> None:
    await fill(store, {f"k{number}": Desk("same", rank=number % 2) for number in range(7)})
    found, cursor = [], None
    while True:
        page = await store.find(
            DESKS, ACME, "by_rank", Bounds(descending=descending), cursor=cursor, limit=2
        )
        found += [one.rank for one in page.items]
        if (cursor := page.next) is None:
            break
    assert found == sorted([0, 1, 0, 1, 0, 1, 0], reverse=descending)


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("index", "bounds", "expected"),
    [
        ("by_floor", Bounds((2,)), ["d01", "d02", "d03"]),
        ("by_floor", Bounds((2,), low="d02"), ["d02", "d03"]),
        ("by_floor", Bounds((2,), high="d02"), ["d01"]),
        ("by_floor", Bounds((2,), low="d02", high="d03"), ["d02"]),
        ("by_floor", Bounds((2, "d02")), ["d02"]),
        ("by_floor", Bounds(low=2), ["d01", "d02", "d03", "d04"]),
        ("by_floor", Bounds(low=2, high=3), ["d01", "d02", "d03"]),
        ("by_floor", Bounds(high=2), ["d00"]),
        ("by_floor", Bounds((4,)), []),
    ],
)
async def test_a_list_holds_what_is_within_its_bounds(
    store: ReadModelStore,
    index: str,
    bounds: Bounds,
    expected: list[str],
    descending: bool,
    limit: int,
) -> None:
    await fill(store, desks(floor=[1, 2, 2, 2, 3]))
    found = await names(store, index, replace(bounds, descending=descending), limit)
    assert found == sorted(expected, reverse=descending)


async def test_times_sort_by_the_instant(store: ReadModelStore) -> None:
    east = timezone(timedelta(hours=5))
    moments = [
        NOON + timedelta(seconds=1),
        NOON + timedelta(milliseconds=500),
        NOON,
        (NOON - timedelta(hours=1)).astimezone(east),
        None,
    ]
    await fill(store, desks(since=moments, hot=[True] * 5))
    assert await names(store, "by_since", Bounds((True,))) == ["d04", "d03", "d02", "d01", "d00"]
    assert await names(store, "by_since", Bounds((True,), low=NOON), 1) == ["d02", "d01", "d00"]
    assert await names(store, "by_since", Bounds((True,), high=NOON.astimezone(east))) == [
        "d04",
        "d03",
    ]
    assert await names(store, "by_since", Bounds((False,))) == []


async def test_none_sorts_before_everything(store: ReadModelStore) -> None:
    await fill(store, desks(holder=["b", None, "a"], rank=[-5, 0, None]))
    assert await names(store, "by_holder", Bounds(), 1) == ["d01", "d02", "d00"]
    assert await names(store, "by_rank", Bounds(), 1) == ["d02", "d00", "d01"]
    assert await names(store, "by_holder", Bounds((None,))) == ["d01"]
    assert await names(store, "by_rank", Bounds((None,))) == ["d02"]


async def test_text_sorts_by_code_point(store: ReadModelStore) -> None:
    texts = ["z", "Z", "é", "e", "\uffff", "𝄞", "10", "9", ""]
    await fill(store, {f"k{number}": Desk(text) for number, text in enumerate(texts)})
    assert await names(store, "by_name", Bounds(), 2) == sorted(texts)


async def test_a_list_can_be_filtered_by_an_enumeration(store: ReadModelStore) -> None:
    await fill(store, desks(state=[State.FREE, State.TAKEN, State.FREE]))
    assert await names(store, "by_state", Bounds((State.FREE,))) == ["d00", "d02"]
    assert await names(store, "by_state", Bounds(("taken",))) == ["d01"]


@pytest.mark.parametrize(
    ("organization", "index", "bounds"),
    [
        (OTHER, "by_floor", Bounds((1,))),
        (ACME, "by_name", Bounds()),
        (ACME, "by_floor", Bounds((2,))),
        (ACME, "by_floor", Bounds((1,), low="d00")),
        (ACME, "by_floor", Bounds((1,), high="d09")),
        (ACME, "by_floor", Bounds((1,), descending=True)),
        (ACME, "by_floor", Bounds()),
    ],
)
async def test_a_cursor_of_another_list_is_refused(
    store: ReadModelStore, organization: str, index: str, bounds: Bounds
) -> None:
    await fill(store, desks(floor=[1] * 3))
    page = await store.find(DESKS, ACME, "by_floor", Bounds((1,)), limit=1)
    with pytest.raises(WrongCursor):
        await store.find(DESKS, organization, index, bounds, cursor=page.next)


@pytest.mark.parametrize("cursor", FORGED)
async def test_a_forged_cursor_is_refused(store: ReadModelStore, cursor: str) -> None:
    with pytest.raises(WrongCursor):
        await store.find(DESKS, ACME, "by_name", cursor=cursor)


async def test_a_cursor_serves_any_page_size_and_survives_changes(store: ReadModelStore) -> None:
    await fill(store, desks(floor=[1] * 4))
    page = await store.find(DESKS, ACME, "by_name", limit=2)
    await fill(store, {"new": Desk("d0"), "newer": Desk("d015")}, ACME)
    rest = await store.find(DESKS, ACME, "by_name", cursor=page.next, limit=9)
    assert [one.name for one in rest.items] == ["d015", "d02", "d03"]


@pytest.mark.parametrize(
    ("index", "bounds", "reason"),
    [
        ("by_nothing", Bounds(), KeyError),
        ("by_name", Bounds(("a", "b")), ValueError),
        ("by_name", Bounds(("a",), low="b"), ValueError),
        ("by_key", Bounds(high="b"), ValueError),
        ("by_floor", Bounds(("1",)), TypeError),
        ("by_name", Bounds((1,)), TypeError),
        ("by_since", Bounds((True,), low=NOON.replace(tzinfo=None)), TypeError),
    ],
)
async def test_bounds_that_an_index_does_not_have_are_refused(
    store: ReadModelStore, index: str, bounds: Bounds, reason: type[Exception]
) -> None:
    with pytest.raises(reason):
        await store.find(DESKS, ACME, index, bounds)
