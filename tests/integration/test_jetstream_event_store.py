"""The JetStream event store when the broker stalls, goes away, or is not the one it was."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Decider
from chassis.event_store import (
    BrokenHistory,
    Claim,
    ClaimChange,
    History,
    Position,
    StoreUnavailable,
)
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection, connect
from chassis.testing.eventually import eventually
from chassis.testing.lossy_proxy import LossyProxy
from chassis.testing.nats_server import RunningNats
from chassis.testing.notes import NOON, SERVICE, NoteWritten, note, texts, writing

pytest_plugins = ["chassis.testing.nats_fixtures"]

STREAM = "PROVISIONING"
ORGANIZATION = "acme"
SHOPPING = note(ORGANIZATION, "shopping")
TRAVEL = note(ORGANIZATION, "travel")
TITLE = Claim(SERVICE, ORGANIZATION, "title", "4f2c")
SERVER_MAX_OPEN_BATCHES = 50
CAUSE = Cause("command-1", NOON, "ada", "request-1")

always_write: Decider[str, None, Any] = Decider(
    initial=None,
    decide=lambda text, _: [NoteWritten(note_id="shopping", text=text)],
    evolve=lambda state, _: state,
)


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats) -> None:
    await nats.wipe()


@pytest.fixture
async def nc(nats: RunningNats) -> AsyncIterator[Connection]:
    async with nats.connected(SERVICE) as connection:
        yield connection


@pytest.fixture
def store(nc: Connection) -> JetStreamEventStore:
    return JetStreamEventStore(nc, SERVICE, STREAM)


@contextmanager
def stopped(nats: RunningNats) -> Iterator[Callable[[], None]]:
    """The server hangs until the function is called, at the latest until the end."""

    def go_on() -> None:
        os.kill(nats.server.pid, signal.SIGCONT)

    os.kill(nats.server.pid, signal.SIGSTOP)
    # The signal does not wait for all threads of the server.
    os.waitid(os.P_PID, nats.server.pid, os.WSTOPPED)
    try:
        yield go_on
    finally:
        go_on()


@asynccontextmanager
async def through(proxy: LossyProxy, nats: RunningNats) -> AsyncIterator[Connection]:
    """A connection of the service that takes the detour."""
    nc = await connect(proxy.url, SERVICE, nats.server.seed(SERVICE))
    try:
        yield nc
    finally:
        await nc.close()


async def reconnect(
    proxy: LossyProxy, nc: Connection, *, meanwhile: Callable[[], Awaitable[None]]
) -> None:
    await proxy.cut()
    await until(lambda: not nc.is_connected)
    await meanwhile()
    await proxy.mend()
    await until(lambda: nc.is_connected)


async def until(so: Callable[[], bool]) -> None:
    async def told() -> bool:
        return so()

    await eventually(told)


async def stored(nats: RunningNats) -> int:
    _, count = (await nats.contents())[STREAM]
    return count


async def test_events_carry_no_header_but_the_content_type_and_the_brokers_own(
    store: JetStreamEventStore, nats: RunningNats
) -> None:
    (free,) = await store.claims(TITLE)
    await store.append([writing(History(SHOPPING), "milk")])
    await store.append([writing(History(TRAVEL), "map", "hat")], [ClaimChange(free, TRAVEL.id)])
    async with nats.connected("setup") as admin:
        messages = [await admin.jetstream().get_msg(STREAM, n) for n in range(1, 5)]
    headers = [message.headers or {} for message in messages]
    assert [h.get("content-type") for h in headers] == [
        "application/cloudevents+json",
        None,
        "application/cloudevents+json",
        "application/cloudevents+json",
    ]
    assert {name for h in headers for name in h if not name.startswith("Nats-")} == {"content-type"}


async def test_an_append_outlives_a_server_that_hangs(
    store: JetStreamEventStore, nats: RunningNats
) -> None:
    (free,) = await store.claims(TITLE)
    with stopped(nats) as go_on:
        asyncio.get_running_loop().call_later(3, go_on)
        positions = await asyncio.gather(
            store.append([writing(History(SHOPPING), "milk")]),
            store.append([writing(History(TRAVEL), "map")], [ClaimChange(free, TRAVEL.id)]),
        )
    assert sorted(position.sequence for position in positions) == [1, 3]
    assert await stored(nats) == 3


async def test_a_silent_server_is_reported_when_patience_ends(
    nc: Connection, nats: RunningNats
) -> None:
    store = JetStreamEventStore(nc, SERVICE, STREAM, patience=2)
    await store.load(SHOPPING)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: store.load(SHOPPING),
        lambda: store.claims(TITLE),
        store.last_position,
        lambda: store.append([writing(History(SHOPPING), "milk")]),
    ]
    with stopped(nats):
        told = await asyncio.gather(*(call() for call in calls), return_exceptions=True)
    assert {type(one) for one in told} == {StoreUnavailable}
    assert all("did not answer within 2" in str(one) for one in told)


async def test_nothing_is_sent_later_when_the_server_is_away(nats: RunningNats) -> None:
    async with LossyProxy(nats.url).running() as proxy, through(proxy, nats) as nc:
        store = JetStreamEventStore(nc, SERVICE, STREAM, patience=2)
        await store.load(SHOPPING)
        await reconnect(proxy, nc, meanwhile=lambda: refused(store))
        await store.load(SHOPPING)
        assert await stored(nats) == 0


async def refused(store: JetStreamEventStore) -> None:
    with pytest.raises(StoreUnavailable, match="not connected"):
        await store.append([writing(History(SHOPPING), "milk")])


async def test_a_stream_that_was_made_anew_is_refused_after_the_reconnect(
    nats: RunningNats,
) -> None:
    async with LossyProxy(nats.url).running() as proxy, through(proxy, nats) as nc:
        store = JetStreamEventStore(nc, SERVICE, STREAM)
        await store.append([writing(History(SHOPPING), "milk")])
        first = await store.incarnation()
        await reconnect(proxy, nc, meanwhile=nats.wipe)
        assert await store.incarnation() != first
        for _ in range(2):
            with pytest.raises(BrokenHistory, match=f"created {first}"):
                await store.append([writing(History(SHOPPING), "bread")])
            with pytest.raises(BrokenHistory):
                await store.load(SHOPPING)


async def test_the_same_stream_is_used_on_after_a_reconnect(nats: RunningNats) -> None:
    async with LossyProxy(nats.url).running() as proxy, through(proxy, nats) as nc:
        store = JetStreamEventStore(nc, SERVICE, STREAM)
        await store.append([writing(History(SHOPPING), "milk")])
        await reconnect(proxy, nc, meanwhile=lambda: asyncio.sleep(0))
        (history,) = await store.load(SHOPPING)
        assert texts(history) == ["milk"]


async def test_a_stream_that_does_not_exist_is_reported_with_what_to_do(
    store: JetStreamEventStore, nats: RunningNats
) -> None:
    async with nats.connected("setup") as admin:
        await admin.jetstream().delete_stream(STREAM)
    with pytest.raises(StoreUnavailable, match="switchboard setup"):
        await store.load(SHOPPING)


async def test_a_full_log_takes_events_again_as_soon_as_it_has_room(
    store: JetStreamEventStore, nats: RunningNats
) -> None:
    await store.append([writing(History(SHOPPING), "milk")])
    async with nats.connected("setup") as admin:
        js = admin.jetstream()
        config = (await js.stream_info(STREAM)).config
        await js.update_stream(config.evolve(max_msgs=1))
        append = asyncio.create_task(store.append([writing(History(TRAVEL), "map")]))
        await asyncio.sleep(0.3)
        assert not append.done()
        await js.update_stream(config)
        assert await append == Position(SERVICE, 2)


async def test_an_event_that_cannot_be_read_breaks_its_history_only(
    store: JetStreamEventStore, nc: Connection
) -> None:
    await nc.publish(f"{SHOPPING.prefix}.1.NoteWritten", b"{")
    await store.append([writing(History(TRAVEL), "map")])
    with pytest.raises(BrokenHistory, match="cannot be read"):
        await store.load(SHOPPING)
    assert texts((await store.load(TRAVEL))[0]) == ["map"]


@pytest.mark.slow
async def test_a_batch_waits_until_the_server_has_room_for_it(
    store: JetStreamEventStore, nc: Connection
) -> None:
    for number in range(SERVER_MAX_OPEN_BATCHES):
        headers = {"Nats-Batch-Id": f"open-{number}", "Nats-Batch-Sequence": "1"}
        await nc.publish(f"{TRAVEL.prefix}.1.NoteWritten", b"{}", headers=headers)
    started = asyncio.get_running_loop().time()
    await store.append([writing(History(SHOPPING), "milk", "bread")])
    assert asyncio.get_running_loop().time() - started > 5
    assert texts((await store.load(SHOPPING))[0]) == ["milk", "bread"]


async def test_an_answer_larger_than_the_server_sends_at_once_is_read_to_its_end(
    store: JetStreamEventStore,
) -> None:
    pages = [f"{number:02} " + "x" * 1_000_000 for number in range(70)]
    notes = [note(ORGANIZATION, f"n{number}") for number in range(70)]
    for aggregate, page in zip(notes, pages, strict=True):
        await store.append([writing(History(aggregate), page)])
    assert [texts(history) for history in await store.load(*notes)] == [[page] for page in pages]


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "in a batch"])
async def test_a_command_whose_answer_was_lost_is_carried_out_once(
    nats: RunningNats, others: int
) -> None:
    async with LossyProxy(nats.url).running() as proxy, through(proxy, nats) as nc:
        store = JetStreamEventStore(nc, SERVICE, STREAM)
        await store.load(SHOPPING)
        proxy.lose(b'"seq":')
        intents = [Intent(aggregate, always_write, "milk") for aggregate in (SHOPPING, TRAVEL)]
        outcomes = await CommandHandler(store).handle_all(CAUSE, *intents[: 1 + others])
        assert [outcome.version for outcome in outcomes] == [1] * (1 + others)
        assert (proxy.lost, await stored(nats)) == (1, 1 + others)
        assert outcomes[-1].position == Position(SERVICE, 1 + others)
