"""A new version fills beside the live one, takes its place at once and can be taken back."""

import asyncio
import json
from dataclasses import make_dataclass
from typing import Any

import pytest

from chassis.read_model_versions import StillLive, UnknownVersion, Versions
from chassis.read_models import Bounds, Index, Outdated, ReadModel, ReadModelStore
from tests.contract.read_models.conftest import Connect
from tests.contract.read_models.sample import ACME, DESKS, MACHINES, Desk, desk, names, reached


@pytest.fixture
async def blue(store: ReadModelStore) -> ReadModelStore:
    await store.apply([desk("d1", Desk("blue"))], reached(5))
    return store


@pytest.fixture
async def green(blue: ReadModelStore) -> ReadModelStore:
    green = blue.at(2)
    await green.open(DESKS)
    await green.apply([desk("d1", Desk("green")), desk("d2", Desk("green too"))], reached(6))
    return green


async def test_a_version_fills_beside_the_live_one(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    assert await names(blue, "by_name", Bounds()) == ["blue"]
    assert await blue.checkpoint("sessions", "SESSIONS") == reached(5)
    assert await names(green, "by_name", Bounds()) == ["green", "green too"]
    assert await green.checkpoint("sessions", "SESSIONS") == reached(6)
    assert await blue.versions() == Versions(live=1, kept=(1, 2))


async def test_a_version_filled_without_indexes_lists_the_same_once_it_is_opened_again(
    blue: ReadModelStore,
) -> None:
    green = blue.at(2)
    await green.open(DESKS, unsorted=True)
    await green.apply([desk("d2", Desk("second")), desk("d1", Desk("first"))], reached(6))
    await green.open(DESKS)
    assert await names(green, "by_name", Bounds()) == ["first", "second"]
    await green.examine()
    assert await green.checkpoint("sessions", "SESSIONS") == reached(6)


async def test_after_a_swap_every_reader_sees_the_new_version(
    connect: Connect, blue: ReadModelStore, green: ReadModelStore
) -> None:
    reader = await connect()
    await green.swap(2)
    for store in (blue, reader, await connect()):
        assert await names(store, "by_name", Bounds()) == ["green", "green too"]
        assert await store.get(DESKS, ACME, "d1") == Desk("green")
        assert await store.checkpoint("sessions", "SESSIONS") == reached(6)
        assert await store.versions() == Versions(live=2, kept=(1, 2))


async def test_the_earlier_version_can_be_swapped_back(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    await blue.swap(2)
    await blue.swap(1)
    assert await names(blue, "by_name", Bounds()) == ["blue"]
    assert await names(green, "by_name", Bounds()) == ["green", "green too"]


async def test_a_projector_stays_with_its_version_after_a_swap(
    connect: Connect, blue: ReadModelStore, green: ReadModelStore
) -> None:
    await green.swap(2)
    await blue.apply([desk("d1", Desk("bluer"), before=1, after=2)], reached(7))
    assert await blue.get(DESKS, ACME, "d1") == Desk("green")
    assert await blue.at(1).checkpoint("sessions", "SESSIONS") == reached(7)
    found = await blue.stored(DESKS, [(ACME, "d1")])
    assert found[ACME, "d1"].document == Desk("bluer")
    started_later = await connect()
    await started_later.apply([desk("d1", Desk("greener"), before=1, after=8)], reached(8))
    assert await green.get(DESKS, ACME, "d1") == Desk("greener")


async def test_readers_never_see_an_empty_or_mixed_list(
    connect: Connect, blue: ReadModelStore, green: ReadModelStore
) -> None:
    reader = await connect()
    seen, done = set(), asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            seen.add(tuple(await names(reader, "by_name", Bounds())))
            await asyncio.sleep(0)

    async def swap() -> None:
        for version in (2, 1) * 10:
            await green.swap(version)
            await asyncio.sleep(0.002)
        done.set()

    await asyncio.gather(read(), swap())
    assert seen <= {("blue",), ("green", "green too")}
    assert seen


async def test_a_cursor_is_good_in_the_next_version(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    page = await green.find(DESKS, ACME, "by_name", limit=1)
    await green.swap(2)
    rest = await blue.find(DESKS, ACME, "by_name", cursor=page.next)
    assert [one.name for one in rest.items] == ["green too"]


async def test_a_version_that_was_never_filled_cannot_go_live(blue: ReadModelStore) -> None:
    with pytest.raises(UnknownVersion, match="fill it first"):
        await blue.swap(3)
    assert (await blue.versions()).live == 1


async def test_a_version_that_is_not_live_can_be_discarded(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    with pytest.raises(StillLive):
        await blue.discard(1)
    await blue.discard(2)
    assert await blue.versions() == Versions(live=1, kept=(1,))
    again = blue.at(2)
    await again.open(DESKS)
    assert await names(again, "by_name", Bounds()) == []
    assert await again.checkpoint("sessions", "SESSIONS") is None
    assert await names(blue, "by_name", Bounds()) == ["blue"]


async def test_closing_a_version_leaves_the_others_open(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    await green.close()
    assert await names(blue, "by_name", Bounds()) == ["blue"]


async def test_a_filled_version_refuses_models_that_missed_events(blue: ReadModelStore) -> None:
    wider = make_dataclass("Desk", [("name", str), ("colour", str, "white")], frozen=True)
    with pytest.raises(Outdated, match="machines_v1"):
        await blue.open(DESKS, MACHINES)
    with pytest.raises(Outdated, match="desks_v1"):
        await blue.open(ReadModel("desks_v1", wider))
    with pytest.raises(Outdated):
        await blue.open(ReadModel("desks_v1", Desk, (Index("by_hot", ("hot",)),)))
    green = blue.at(2)
    await green.open(ReadModel("desks_v1", wider), MACHINES)


async def test_before_the_first_event_models_may_come_and_change(store: ReadModelStore) -> None:
    narrow: ReadModel[Any] = ReadModel(
        "machines_v1", make_dataclass("Machine", [("name", str)], frozen=True)
    )
    await store.open(DESKS, narrow)
    await store.open(DESKS, MACHINES)
    await store.apply([], reached(1))
    await store.open(MACHINES, DESKS)


async def test_a_new_index_on_known_attributes_needs_no_rebuild(blue: ReadModelStore) -> None:
    more = ReadModel("desks_v1", Desk, (*DESKS.indexes, Index("by_rank_name", ("rank", "name"))))
    await blue.open(more)
    assert [one.name for one in (await blue.find(more, ACME, "by_rank_name")).items] == ["blue"]


async def test_an_index_that_is_made_of_other_fields_lists_in_its_new_order(
    blue: ReadModelStore,
) -> None:
    indexes = (Index("by_name", ("rank", "name")), *DESKS.indexes[2:])
    await blue.apply([desk("d3", Desk("alpha", rank=9))], reached(3))
    changed = ReadModel("desks_v1", Desk, indexes)
    await blue.open(changed)
    assert [one.name for one in (await blue.find(changed, ACME, "by_name")).items][-1] == "alpha"


async def test_a_plan_is_seen_by_everybody_until_it_is_carried_out_or_dropped(
    connect: Connect, blue: ReadModelStore, green: ReadModelStore
) -> None:
    other = await connect()
    await blue.plan(2)
    assert await other.versions() == Versions(1, (1, 2), planned=2)
    await blue.plan(2, ready=True)
    assert await other.versions() == Versions(1, (1, 2), planned=2, ready=True)
    await blue.plan(None)
    assert await other.versions() == Versions(1, (1, 2))
    await blue.plan(2, ready=True)
    await other.swap(2)
    assert await blue.versions() == Versions(2, (1, 2))


async def test_what_is_planned_and_discarded_is_planned_no_more(
    blue: ReadModelStore, green: ReadModelStore
) -> None:
    await blue.plan(2)
    await blue.discard(2)
    assert await blue.versions() == Versions(1, (1,))


async def test_everything_that_is_kept_can_be_walked_through_in_parts(
    green: ReadModelStore,
) -> None:
    await green.apply([desk("d2", None, before=1, after=7)], reached(7))
    await green.apply([desk("d1", Desk("foreign"), organization="oth er/x")], reached(8))
    found, after = [], None
    while part := await green.scan(DESKS, after, 2):
        found += part
        after = part[-1].place
    assert sorted((k.organization, k.key, k.positions["SESSIONS"]) for k in found) == [
        (ACME, "d1", 1),
        (ACME, "d2", 7),
        ("oth er/x", "d1", 1),
    ]
    assert found == sorted(found, key=lambda kept: kept.place)
    assert {kept.key for kept in found if kept.body is None} == {"d2"}
    bodies = [json.loads(kept.body)["name"] for kept in found if kept.body]
    assert sorted(bodies) == ["foreign", "green"]
