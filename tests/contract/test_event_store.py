"""Every event store loads what was appended, and lets nobody overwrite what another has decided."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chassis.cause import new_id
from chassis.event_store import (
    MAX_BATCH,
    BatchTooLarge,
    BrokenHistory,
    Change,
    Claim,
    ClaimChange,
    Conflict,
    EventStore,
    History,
    Position,
)
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.nats_server import RunningNats
from chassis.testing.notes import SERVICE, NoteErased, change, note, texts, writing

pytest_plugins = ["chassis.testing.nats_fixtures"]

STREAM = "PROVISIONING"
ORGANIZATION = "acme"
SHOPPING = note(ORGANIZATION, "shopping")
TRAVEL = note(ORGANIZATION, "travel")
TITLE = Claim(SERVICE, ORGANIZATION, "title", "4f2c")


@dataclass
class Log:
    """One log, seen through two stores as two processes see it, and a way to damage it."""

    store: EventStore
    other: EventStore
    lose: Callable[[int], Awaitable[None]]

    async def write(self, *lines: str) -> Position:
        (history,) = await self.store.load(SHOPPING)
        return await self.store.append([writing(history, *lines)])

    async def lines(self) -> list[str]:
        return texts((await self.store.load(SHOPPING))[0])


@pytest.fixture(params=["memory", "jetstream"])
async def log(request: pytest.FixtureRequest, nats: RunningNats) -> AsyncIterator[Log]:
    if request.param == "memory":
        memory = MemoryEventStore(SERVICE)

        async def drop(sequence: int) -> None:
            memory.lose(sequence)

        yield Log(memory, memory, drop)
        return
    await nats.wipe()
    async with (
        nats.connected("provisioning") as one,
        nats.connected("provisioning") as two,
        nats.connected("setup") as admin,
    ):

        async def delete(sequence: int) -> None:
            await admin.jetstream().delete_msg(STREAM, sequence)

        store, other = (JetStreamEventStore(nc, SERVICE, STREAM) for nc in (one, two))
        yield Log(store, other, delete)


async def settled(*appends: Awaitable[Position]) -> tuple[int, int]:
    """How many appends succeeded, and how many met a conflict."""
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    won = sum(isinstance(outcome, Position) for outcome in outcomes)
    return won, sum(isinstance(outcome, Conflict) for outcome in outcomes)


async def test_what_is_not_there_has_an_empty_history(log: Log) -> None:
    assert await log.store.load(SHOPPING) == (History(SHOPPING),)


async def test_who_asks_for_nothing_gets_nothing(log: Log) -> None:
    assert await log.store.load() == ()
    assert await log.store.claims() == ()


async def test_events_come_back_as_they_were_appended_oldest_first(log: Log) -> None:
    first = writing(History(SHOPPING), "milk")
    await log.store.append([first])
    (history,) = await log.store.load(SHOPPING)
    second = writing(history, "bread", "salt")
    await log.store.append([second])
    (history,) = await log.other.load(SHOPPING)
    assert [r.envelope for r in history.recorded] == [*first.envelopes, *second.envelopes]
    assert [r.position.sequence for r in history.recorded] == [1, 2, 3]


async def test_an_append_answers_where_its_last_event_stands(log: Log) -> None:
    assert await log.write("milk") == Position(SERVICE, 1)
    assert await log.write("bread", "salt") == Position(SERVICE, 3)


async def test_histories_come_in_the_order_they_were_asked_for(log: Log) -> None:
    await log.write("milk")
    await log.store.append([writing(History(TRAVEL), "tickets")])
    travel, empty, shopping = await log.store.load(TRAVEL, note(ORGANIZATION, "none"), SHOPPING)
    assert [texts(history) for history in (travel, empty, shopping)] == [["tickets"], [], ["milk"]]


async def test_a_note_of_another_organization_is_another_note(log: Log) -> None:
    await log.write("milk")
    assert await log.store.load(note("other")) == (History(note("other")),)


async def test_whoever_decided_on_an_older_history_meets_a_conflict(log: Log) -> None:
    (old,) = await log.store.load(SHOPPING)
    await log.write("milk")
    with pytest.raises(Conflict):
        await log.other.append([writing(old, "bread")])
    assert await log.lines() == ["milk"]


async def test_an_append_to_one_note_does_not_disturb_another(log: Log) -> None:
    (travel,) = await log.store.load(TRAVEL)
    await log.write("milk")
    await log.other.append([writing(travel, "tickets")])
    assert [texts(h) for h in await log.store.load(SHOPPING, TRAVEL)] == [["milk"], ["tickets"]]


async def test_two_notes_change_together(log: Log) -> None:
    shopping, travel = await log.store.load(SHOPPING, TRAVEL)
    position = await log.store.append([writing(shopping, "milk", "bread"), writing(travel, "map")])
    shopping, travel = await log.store.load(SHOPPING, TRAVEL)
    assert (texts(shopping), texts(travel)) == (["milk", "bread"], ["map"])
    assert position == travel.recorded[-1].position


@pytest.mark.parametrize("stale", [SHOPPING, TRAVEL], ids=lambda a: a.id)
async def test_two_notes_change_together_or_not_at_all(log: Log, stale: object) -> None:
    before = await log.store.load(SHOPPING, TRAVEL)
    (newer,) = [history for history in before if history.aggregate == stale]
    await log.store.append([writing(newer, "newer")])
    with pytest.raises(Conflict):
        await log.store.append([writing(history, "a", "b") for history in before])
    after = await log.store.load(SHOPPING, TRAVEL)
    assert sorted(line for history in after for line in texts(history)) == ["newer"]


async def test_sending_an_append_again_is_a_conflict_and_stores_nothing_twice(log: Log) -> None:
    alone, together = writing(History(SHOPPING), "milk"), writing(History(TRAVEL), "map", "hat")
    for sent in (alone, together):
        await log.store.append([sent])
        with pytest.raises(Conflict):
            await log.store.append([sent])
    assert [h.version for h in await log.store.load(SHOPPING, TRAVEL)] == [1, 2]


async def test_a_claim_nobody_made_has_no_holder(log: Log) -> None:
    (state,) = await log.store.claims(TITLE)
    assert (state.claim, state.holder, state.sequence) == (TITLE, None, 0)


async def test_a_claim_is_taken_released_and_taken_again(log: Log) -> None:
    holders = []
    for holder in ("shopping", None, "travel"):
        (state,) = await log.store.claims(TITLE)
        (history,) = await log.store.load(SHOPPING)
        position = await log.store.append([writing(history, "x")], [ClaimChange(state, holder)])
        (history,) = await log.other.load(SHOPPING)
        assert position == history.recorded[-1].position
        holders.append((await log.other.claims(TITLE))[0].holder)
    assert holders == ["shopping", None, "travel"]


async def test_claims_come_in_the_order_they_were_asked_for(log: Log) -> None:
    other = Claim(SERVICE, ORGANIZATION, "title", "00aa")
    (state,) = await log.store.claims(TITLE)
    await log.store.append([], [ClaimChange(state, "shopping")])
    states = await log.store.claims(other, TITLE, other)
    assert [state.holder for state in states] == [None, "shopping", None]


async def test_whoever_comes_second_to_a_claim_appends_no_event_either(log: Log) -> None:
    (free,) = await log.store.claims(TITLE)
    await log.store.append([writing(History(SHOPPING), "milk")], [ClaimChange(free, "shopping")])
    with pytest.raises(Conflict):
        await log.other.append([writing(History(TRAVEL), "map")], [ClaimChange(free, "travel")])
    assert (await log.store.load(TRAVEL))[0].version == 0
    assert (await log.store.claims(TITLE))[0].holder == "shopping"


async def test_a_claim_is_not_taken_when_its_event_meets_a_conflict(log: Log) -> None:
    (free,) = await log.store.claims(TITLE)
    await log.write("milk")
    with pytest.raises(Conflict):
        await log.other.append(
            [writing(History(SHOPPING), "bread")], [ClaimChange(free, "shopping")]
        )
    assert await log.store.claims(TITLE) == (free,)


async def test_one_of_two_commands_at_once_wins_in_each_of_500_rounds(log: Log) -> None:
    for number in range(500):
        (history,) = await log.store.load(note(ORGANIZATION, f"n{number // 10}"))
        appends = (s.append([writing(history, new_id())]) for s in (log.store, log.other))
        assert await settled(*appends) == (1, 1)
    assert (await log.store.load(history.aggregate))[0].version == 10


async def test_one_of_two_batches_at_once_wins(log: Log) -> None:
    for _ in range(50):
        before = await log.store.load(SHOPPING, TRAVEL)
        one = log.store.append([writing(h, new_id(), new_id()) for h in before])
        two = log.other.append([writing(h, new_id(), new_id()) for h in reversed(before)])
        assert await settled(one, two) == (1, 1)
    assert [h.version for h in await log.store.load(SHOPPING, TRAVEL)] == [100, 100]


async def test_a_name_claimed_twice_at_once_goes_to_one(log: Log) -> None:
    for number in range(50):
        (free,) = await log.store.claims(Claim(SERVICE, ORGANIZATION, "title", f"{number:04x}"))
        notes = [History(note(ORGANIZATION, f"n{number}-{side}")) for side in "ab"]
        appends = (
            store.append([writing(history, "x")], [ClaimChange(free, history.aggregate.id)])
            for store, history in zip((log.store, log.other), notes, strict=True)
        )
        assert await settled(*appends) == (1, 1)
        (state,) = await log.store.claims(free.claim)
        written = await log.store.load(*(history.aggregate for history in notes))
        assert [h.aggregate.id for h in written if h.version] == [state.holder]


async def test_a_history_can_be_had_as_of_a_moment(log: Log) -> None:
    await log.write("milk")
    await asyncio.sleep(0.01)
    moment = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await log.write("bread")
    (then,) = await log.store.load(SHOPPING, until=moment)
    (before,) = await log.store.load(SHOPPING, until=moment - timedelta(hours=1))
    assert (texts(then), texts(before), await log.lines()) == (["milk"], [], ["milk", "bread"])


@pytest.mark.parametrize("length", [1024, 1025, 2100])
async def test_a_history_may_be_long(log: Log, length: int) -> None:
    expected = [str(number) for number in range(length)]
    for start in range(0, length, MAX_BATCH):
        await log.write(*expected[start : start + MAX_BATCH])
    moment = datetime.now(UTC)
    await log.store.append([writing(History(TRAVEL), "map")])
    shopping, travel = await log.store.load(SHOPPING, TRAVEL)
    (then,) = await log.store.load(SHOPPING, until=moment)
    assert (texts(shopping), texts(travel), texts(then)) == (expected, ["map"], expected)


async def test_an_append_that_is_too_large_is_refused_before_anything_happens(log: Log) -> None:
    with pytest.raises(BatchTooLarge):
        await log.write(*("x" for _ in range(MAX_BATCH + 1)))
    assert await log.lines() == []


async def test_an_append_that_would_break_a_history_is_refused(log: Log) -> None:
    twice = [writing(History(SHOPPING), "milk"), writing(History(SHOPPING), "bread")]
    gap = Change(History(SHOPPING), writing(History(SHOPPING), "milk", "bread").envelopes[1:])
    (free,) = await log.store.claims(TITLE)
    for changes, claims in ((twice, []), ([gap], []), ([], [ClaimChange(free, "a")] * 2)):
        with pytest.raises(ValueError, match=r"append|version"):
            await log.store.append(changes, claims)
    assert await log.store.last_position() == Position(SERVICE, 0)


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_history_that_lacks_an_event_is_refused(log: Log, lost: int) -> None:
    await log.write("milk", "bread", "salt")
    await log.lose(lost)
    with pytest.raises(BrokenHistory, match=rf"no version {lost} of evt\.provisioning\.acme\.note"):
        await log.store.load(SHOPPING)


async def test_a_long_history_that_lacks_an_event_is_refused(log: Log) -> None:
    for _ in range(2):
        await log.write(*("x" for _ in range(600)))
    await log.lose(1024)
    with pytest.raises(BrokenHistory, match="no version 1024"):
        await log.store.load(SHOPPING)


async def test_what_an_erasing_event_made_disappear_is_not_missed(log: Log) -> None:
    await log.write("milk", "bread")
    (history,) = await log.store.load(SHOPPING)
    erased = NoteErased(note_id="shopping")
    await log.store.append([change(history, erased)])
    await log.write("salt")
    for sequence in (1, 2):
        await log.lose(sequence)
    (history,) = await log.store.load(SHOPPING)
    assert (history.events[0], texts(history), history.version) == (erased, ["salt"], 4)
    assert await log.write("pepper") == Position(SERVICE, 5)


async def test_what_is_lost_after_an_erasing_event_is_missed(log: Log) -> None:
    await log.store.append([change(History(SHOPPING), NoteErased(note_id="shopping"))])
    await log.write("milk", "bread")
    await log.lose(2)
    with pytest.raises(BrokenHistory, match="no version 2"):
        await log.store.load(SHOPPING)


async def test_the_end_of_the_log_is_its_last_event(log: Log) -> None:
    assert await log.store.last_position() == Position(SERVICE, 0)
    position = await log.write("milk")
    (free,) = await log.store.claims(TITLE)
    await log.store.append([], [ClaimChange(free, "shopping")])
    assert await log.store.last_position() == position
