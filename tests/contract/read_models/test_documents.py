"""Documents come back as they were written, and no older write gets through."""

import asyncio
from dataclasses import replace

import pytest

from chassis.read_models import Bounds, ReadModelStore, Stale, Stored
from chassis.stores.documents import encode
from tests.contract.read_models.conftest import Connect
from tests.contract.read_models.sample import (
    ACME,
    DESKS,
    NOON,
    OTHER,
    Desk,
    Line,
    State,
    desk,
    fill,
    names,
    reached,
)

HOSTILE = (
    "$ne",
    "{'$gt': ''}",
    'it\'s; DROP TABLE "desks_v1.1" --',
    'a"b`c\\d',
    "a/b%2Fc",
    "Ünïcödé \u202e ☎️ 𝄞",
    "nul \0 inside",
    "line\nbreak\u2028",
    " ",
    "%",
    "x" * 3000,
)


async def test_a_document_comes_back_as_it_was_written(store: ReadModelStore) -> None:
    written = Desk(
        name="Window",
        floor=-3,
        hot=True,
        state=State.TAKEN,
        since=NOON.replace(microsecond=7),
        holder="ada",
        rank=2**62,
        lines=(Line("first", 5060), Line("second")),
        notes={"b": "2", "a": "1"},
    )
    await fill(store, {"d1": written})
    found = await store.get(DESKS, ACME, "d1")
    assert found == written
    assert encode(found) == encode(written)
    assert (await store.find(DESKS, ACME, "by_name")).items == [written]
    assert await store.stored(DESKS, [(ACME, "d1"), (ACME, "none")]) == {
        (ACME, "d1"): Stored(written, {"SESSIONS": 1})
    }


@pytest.mark.parametrize("text", HOSTILE)
async def test_any_text_is_only_text(store: ReadModelStore, text: str) -> None:
    bystander = Desk("bystander")
    written = Desk(text, holder=text, notes={text: text}, lines=(Line(text),))
    await fill(store, {text: written, "d0": bystander})
    assert await store.get(DESKS, ACME, text) == written
    assert (await store.find(DESKS, ACME, "by_name", Bounds(equals=(text,)))).items == [written]
    assert (await store.find(DESKS, text, "by_name")).items == []
    first = await store.find(DESKS, ACME, "by_key", limit=1)
    rest = await store.find(DESKS, ACME, "by_key", cursor=first.next)
    assert sorted(one.name for one in first.items + rest.items) == sorted([text, "bystander"])


async def test_an_absent_document_is_none(store: ReadModelStore) -> None:
    assert await store.get(DESKS, ACME, "d1") is None


async def test_organizations_never_see_each_other(store: ReadModelStore) -> None:
    await fill(store, {"d1": Desk("ours")})
    await fill(store, {"d1": Desk("theirs"), "d2": Desk("theirs too")}, OTHER)
    assert await store.get(DESKS, ACME, "d1") == Desk("ours")
    assert await store.get(DESKS, ACME, "d2") is None
    assert await names(store, "by_name", Bounds()) == ["ours"]
    assert await names(store, "by_name", Bounds(descending=True)) == ["ours"]


async def test_a_slash_does_not_mix_organizations(store: ReadModelStore) -> None:
    await fill(store, {"b/c": Desk("first")}, "a")
    await fill(store, {"c": Desk("second")}, "a/b")
    assert await store.get(DESKS, "a", "b/c") == Desk("first")
    assert await store.get(DESKS, "a/b", "c") == Desk("second")


async def test_a_deleted_document_is_hidden_but_refuses_older_writes(store: ReadModelStore) -> None:
    await fill(store, {"d1": Desk("gone"), "d2": Desk("stays")})
    await store.apply([desk("d1", None, before=1, after=2)], reached(2))
    assert await store.get(DESKS, ACME, "d1") is None
    assert await names(store, "by_name", Bounds()) == ["stays"]
    assert await store.stored(DESKS, [(ACME, "d1")]) == {
        (ACME, "d1"): Stored(None, {"SESSIONS": 2})
    }
    with pytest.raises(Stale):
        await store.apply([desk("d1", Desk("late"), after=1)], reached(3))
    with pytest.raises(Stale):
        await store.apply([desk("d1", Desk("late"), before=1, after=3)], reached(3))
    assert await store.get(DESKS, ACME, "d1") is None


async def test_a_deleted_document_can_come_back(store: ReadModelStore) -> None:
    await fill(store, {"d1": Desk("first")})
    await store.apply([desk("d1", None, before=1, after=2)], reached(2))
    await store.apply([desk("d1", Desk("second"), before=2, after=3)], reached(3))
    assert await names(store, "by_name", Bounds()) == ["second"]


@pytest.mark.parametrize(("key", "before"), [("d1", 0), ("d1", 2), ("new", 1)])
async def test_a_write_over_anything_but_what_was_read_is_stale(
    store: ReadModelStore, key: str, before: int
) -> None:
    await fill(store, {"d1": Desk("present")})
    with pytest.raises(Stale):
        await store.apply([desk(key, Desk("late"), before=before, after=9)], reached(9))
    assert await names(store, "by_name", Bounds()) == ["present"]
    assert await store.checkpoint("sessions", "SESSIONS") is None


async def test_positions_match_in_whatever_order_they_are_named(store: ReadModelStore) -> None:
    await fill(store, {"d1": Desk("first")})
    both = {"SESSIONS": 1, "ACTIVATION": 7}
    first = desk("d1", Desk("second"), before=1)
    await store.apply([replace(first, after=both)], reached(2))
    second = replace(first, before=dict(reversed(both.items())), after={**both, "SESSIONS": 3})
    await store.apply([second], reached(3))
    found = await store.stored(DESKS, [(ACME, "d1")])
    assert found[ACME, "d1"].positions == {"ACTIVATION": 7, "SESSIONS": 3}


async def test_one_document_may_change_several_times_in_one_call(store: ReadModelStore) -> None:
    await store.apply(
        [
            desk("d1", Desk("first"), after=1),
            desk("d2", Desk("bystander"), after=2),
            desk("d1", Desk("second"), before=1, after=3),
            desk("d1", Desk("third"), before=3, after=4),
        ],
        reached(4),
    )
    assert await names(store, "by_name", Bounds()) == ["bystander", "third"]
    with pytest.raises(Stale):
        await store.apply(
            [desk("d3", Desk("x")), desk("d3", Desk("y"), before=2, after=3)], reached(5)
        )


async def test_of_many_documents_in_one_call_none_is_lost(store: ReadModelStore) -> None:
    many = {f"d{number:04}": Desk(f"desk {number:04}") for number in range(300)}
    await fill(store, many)
    changed = [desk(key, Desk(f"new {key}"), before=1, after=2) for key in many]
    await store.apply(changed, reached(2))
    assert await names(store, "by_name", Bounds(), limit=200) == [f"new {key}" for key in many]


async def test_of_two_racing_writers_neither_loses_a_change(connect: Connect) -> None:
    rounds = 25
    await fill(await connect(), {"d1": Desk("", rank=0)})

    async def count(projector: str) -> None:
        store = await connect()
        for number in range(rounds):
            while True:
                stored = (await store.stored(DESKS, [(ACME, "d1")]))[ACME, "d1"]
                assert stored.document is not None
                rank = (stored.document.rank or 0) + 1
                before = stored.positions["SESSIONS"]
                write = desk("d1", Desk(projector, rank=rank), before=before, after=before + 1)
                try:
                    await store.apply([write], reached(number, projector=projector))
                    break
                except Stale:
                    await asyncio.sleep(0)

    await asyncio.gather(count("first"), count("second"))
    found = await (await connect()).get(DESKS, ACME, "d1")
    assert found is not None
    assert found.rank == 2 * rounds


async def test_what_another_process_wrote_is_seen(connect: Connect) -> None:
    writer, reader = await connect(), await connect()
    await fill(writer, {"d1": Desk("seen")})
    assert await reader.get(DESKS, ACME, "d1") == Desk("seen")


async def test_a_store_that_is_open_answers(store: ReadModelStore) -> None:
    await store.ping()
