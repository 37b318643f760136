"""The command handler decides on what is so, again when that changes, and never twice."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chassis import command_handler
from chassis.cause import Cause
from chassis.claiming import Release, Take
from chassis.command_handler import CommandHandler, Intent, VersionMismatch
from chassis.decider import Decider, Refused
from chassis.event_store import (
    Aggregate,
    Change,
    Claim,
    ClaimChange,
    Conflict,
    Position,
    StoreUnavailable,
)
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.notes import NOON, SERVICE, NoteErased, NoteWritten, note, texts, writing
from schemas.event import Event

SHOPPING, TRAVEL = note("acme", "shopping"), note("acme", "travel")
CAUSE = Cause("command-1", NOON, "ada", "request-1", "00-trace")
ANOTHER = replace(CAUSE, command_id="command-2")


class NoteFull(Refused):
    """A note holds three lines."""


class LineTaken(Refused):
    """No two notes hold the same line."""


@dataclass(frozen=True)
class Write:
    """Add lines."""

    note_id: str
    lines: tuple[str, ...]


Lines = tuple[str, ...]


def decide(command: Write, lines: Lines) -> Sequence[Event]:
    if len(lines) + len(command.lines) > 3:
        raise NoteFull("Begin another note.")
    if command.lines == ("erase",):
        return [NoteErased(note_id=command.note_id)]
    return [NoteWritten(note_id=command.note_id, text=line) for line in command.lines]


def evolve(lines: Lines, event: Event) -> Lines:
    return (*lines, event.text) if isinstance(event, NoteWritten) else ()


decider: Decider[Write, Lines, Any] = Decider(initial=(), decide=decide, evolve=evolve)


def line_claim(line: str) -> Claim:
    return Claim(SERVICE, "acme", "line", line)


def lines_are_unique(aggregate: Aggregate, event: Event) -> Sequence[Take | Release]:
    if isinstance(event, NoteWritten):
        return [Take(line_claim(event.text), aggregate.id, LineTaken("Write something else."))]
    return [Release(line_claim("milk"), aggregate.id)]


def write(aggregate: Aggregate, *lines: str, if_version: int | None = None) -> Intent[Write, Lines]:
    return Intent(aggregate, decider, Write(aggregate.id, lines), if_version)


class BusyStore(MemoryEventStore):
    """Somebody else always comes first, as often as told."""

    def __init__(
        self, interruptions: int, interrupt: Callable[["BusyStore"], Awaitable[object]]
    ) -> None:
        super().__init__(SERVICE)
        self._left = interruptions
        self._interrupt = interrupt
        self.appends = 0

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        self.appends += 1
        if self._left:
            self._left -= 1
            await self._interrupt(self)
        return await self.come_first(changes, claims)

    async def come_first(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        """Append as somebody else."""
        return await super().append(changes, claims)


class ForgetfulStore(MemoryEventStore):
    """Records what it is given, and loses its answer the first time."""

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        position = await super().append(changes, claims)
        if position.sequence == 1:
            raise Conflict("this is what the broker says to a repetition")
        return position


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore(SERVICE)


@pytest.fixture
def handler(store: MemoryEventStore) -> CommandHandler:
    return CommandHandler(store, lines_are_unique)


async def lines(store: MemoryEventStore, aggregate: Aggregate = SHOPPING) -> list[str]:
    (history,) = await store.load(aggregate)
    return texts(history)


async def test_a_command_answers_what_is_so_now_and_where_that_can_be_seen(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    outcome = await handler.handle(ANOTHER, write(SHOPPING, "bread"))
    assert (outcome.state, outcome.version) == (("milk", "bread"), 2)
    assert outcome.position == await store.last_position()


async def test_an_event_tells_who_caused_it_and_when(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk", "bread"))
    first, second = (recorded.envelope for recorded in store.all())
    assert (first.time, first.actor, first.causationid) == (NOON, "ada", "command-1")
    assert (first.correlationid, first.traceparent) == ("request-1", "00-trace")
    assert (first.type, first.subject) == ("notes.v1.NoteWritten", "note/shopping")
    assert (first.version, second.version, first.id == second.id) == (1, 2, False)


async def test_the_same_command_gives_its_events_the_same_ids() -> None:
    ids = []
    for _ in range(2):
        store = MemoryEventStore(SERVICE)
        await CommandHandler(store).handle(CAUSE, write(SHOPPING, "milk"))
        ids.append([recorded.envelope.id for recorded in store.all()])
    assert ids[0] == ids[1]


async def test_a_command_that_changes_nothing_appends_nothing(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    outcome = await handler.handle(ANOTHER, write(SHOPPING))
    assert (outcome.version, outcome.position.sequence) == (1, 2)
    assert len(store.all()) == 1


async def test_a_repeated_command_is_found_and_not_carried_out_again(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    first = await handler.handle(CAUSE, write(SHOPPING, "milk"))
    assert await handler.handle(CAUSE, write(SHOPPING, "milk")) == first
    assert await lines(store) == ["milk"]


async def test_a_command_that_succeeded_without_an_answer_finds_itself() -> None:
    store = ForgetfulStore(SERVICE)
    outcome = await CommandHandler(store).handle(CAUSE, write(SHOPPING, "milk"))
    assert (outcome.state, outcome.version, len(store.all())) == (("milk",), 1, 1)


async def test_who_comes_second_decides_again_on_what_is_so_then() -> None:
    async def somebody(store: BusyStore) -> None:
        (history,) = await store.load(SHOPPING)
        await store.come_first([writing(history, "bread")])

    store = BusyStore(2, somebody)
    outcome = await CommandHandler(store).handle(
        replace(CAUSE, command_id="mine"), write(SHOPPING, "milk")
    )
    assert (outcome.state, store.appends) == (("bread", "bread", "milk"), 3)


async def test_who_comes_second_may_be_refused_then() -> None:
    async def somebody(store: BusyStore) -> None:
        (history,) = await store.load(SHOPPING)
        await store.come_first([writing(history, "a", "b", "c")])

    store = BusyStore(1, somebody)
    with pytest.raises(NoteFull):
        await CommandHandler(store).handle(
            replace(CAUSE, command_id="mine"), write(SHOPPING, "milk")
        )
    assert await lines(store) == ["a", "b", "c"]


async def test_a_command_that_is_always_second_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def somebody(_: BusyStore) -> None:
        raise Conflict("somebody else")

    monkeypatch.setattr(command_handler, "PATIENCE_SECONDS", 0.05)
    store = BusyStore(1000, somebody)
    with pytest.raises(StoreUnavailable, match="Try again"):
        await CommandHandler(store).handle(CAUSE, write(SHOPPING, "milk"))
    assert store.appends > 1


async def test_a_refused_command_appends_nothing(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    with pytest.raises(NoteFull):
        await handler.handle(CAUSE, write(SHOPPING, "a", "b", "c", "d"))
    assert store.all() == ()


async def test_a_command_for_another_version_is_refused(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk", if_version=0))
    for wrong in (0, 2):
        with pytest.raises(VersionMismatch, match="Read it again"):
            await handler.handle(ANOTHER, write(SHOPPING, "bread", if_version=wrong))
    await handler.handle(ANOTHER, write(SHOPPING, "bread", if_version=1))
    assert await lines(store) == ["milk", "bread"]


async def test_a_repeated_command_is_not_refused_for_the_version_it_made_itself(
    handler: CommandHandler,
) -> None:
    first = await handler.handle(CAUSE, write(SHOPPING, "milk", if_version=0))
    assert await handler.handle(CAUSE, write(SHOPPING, "milk", if_version=0)) == first


async def test_a_claim_is_taken_with_the_event_that_wants_it(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    (state,) = await store.claims(line_claim("milk"))
    assert state.holder == "shopping"


async def test_a_claim_of_another_refuses_the_command(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    with pytest.raises(LineTaken):
        await handler.handle(ANOTHER, write(TRAVEL, "map", "milk"))
    assert (await lines(store, TRAVEL), len(store.all())) == ([], 1)


async def test_a_claim_one_has_already_is_no_obstacle(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    await handler.handle(ANOTHER, write(SHOPPING, "milk"))
    assert await lines(store) == ["milk", "milk"]


async def test_a_released_claim_can_be_taken_by_another(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    await handler.handle(replace(CAUSE, command_id="c3"), write(SHOPPING, "erase"))
    await handler.handle(ANOTHER, write(TRAVEL, "milk"))
    (state,) = await store.claims(line_claim("milk"))
    assert state.holder == "travel"


async def test_nobody_releases_the_claim_of_another(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    await handler.handle(ANOTHER, write(TRAVEL, "erase"))
    (state,) = await store.claims(line_claim("milk"))
    assert state.holder == "shopping"


async def test_a_claim_changes_hands_in_one_step(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    await handler.handle(CAUSE, write(SHOPPING, "milk"))
    await handler.handle_all(ANOTHER, write(SHOPPING, "erase"), write(TRAVEL, "milk"))
    (state,) = await store.claims(line_claim("milk"))
    assert (state.holder, len(store.all())) == ("travel", 3)


async def test_who_comes_second_to_a_claim_is_refused_then() -> None:
    async def somebody(store: BusyStore) -> None:
        (free,) = await store.claims(line_claim("milk"))
        (travel,) = await store.load(TRAVEL)
        claimed = [ClaimChange(free, "travel")]
        await store.come_first([writing(travel, "milk")], claimed)

    store = BusyStore(1, somebody)
    with pytest.raises(LineTaken):
        await CommandHandler(store, lines_are_unique).handle(CAUSE, write(SHOPPING, "milk"))
    assert await lines(store) == []


async def test_several_commands_are_carried_out_together(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    outcomes = await handler.handle_all(CAUSE, write(SHOPPING, "milk"), write(TRAVEL, "map"))
    assert [outcome.state for outcome in outcomes] == [("milk",), ("map",)]
    assert {outcome.position for outcome in outcomes} == {await store.last_position()}
    assert await handler.handle_all(CAUSE, write(SHOPPING, "milk"), write(TRAVEL, "map"))
    assert len(store.all()) == 2


async def test_several_commands_are_refused_together(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    with pytest.raises(NoteFull):
        await handler.handle_all(CAUSE, write(SHOPPING, "milk"), write(TRAVEL, *"abcd"))
    assert store.all() == ()


async def test_a_look_shows_what_is_so_and_changes_nothing(
    store: MemoryEventStore, handler: CommandHandler
) -> None:
    done = await handler.handle(CAUSE, write(SHOPPING, "milk"))
    assert await handler.look(SHOPPING, decider) == done
    assert len(store.all()) == 1
