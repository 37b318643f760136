"""Reactions on a real broker: nothing is lost, nothing spins, and what cannot be done is buried."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from nats.js.api import ConsumerInfo
from opentelemetry import trace
from prometheus_client import CollectorRegistry
from structlog.contextvars import get_contextvars

from chassis.event_store import Aggregate, History, Recorded
from chassis.jetstream import setup
from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.topology import Topology
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import Reaction, RetryLater
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.feed import subject_of
from chassis.testing.lossy_proxy import LossyProxy
from chassis.testing.nats_server import RunningNats
from chassis.testing.notes import change
from chassis.workers.dead_letters import DeadLetter
from chassis.workers.react import Reactor
from schemas.envelope import Envelope
from schemas.provisioning import DeviceCreated

pytest_plugins = ["chassis.testing.nats_fixtures"]

STREAM = "PROVISIONING"
DURABLE = "activation-reactions-provisioning"
QUICK = (0.05, 0.05, 0.05)
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def _impatient(nats: RunningNats, _empty_streams: None) -> None:
    """The broker gives an event back after two seconds; the next test finds it as it was."""
    content = Topology.load().model_dump(exclude_unset=True)
    impatient = content | {"reactions": content["reactions"] | {"ack_wait": "2s"}}
    async with nats.connected("setup") as admin:
        await setup.apply(admin, Topology.model_validate(impatient))


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.react.WATCH_SECONDS", 0.2)
    monkeypatch.setattr("chassis.workers.attempts.AT_WORK_SECONDS", 0.2)
    await nats.wipe()


class Calls:
    """A reaction that remembers what it saw and does with each event what a test says."""

    def __init__(self, *troubles: Callable[[], Awaitable[object]] | Exception | None) -> None:
        self.seen: list[str] = []
        self.moments: list[float] = []
        self.contexts: list[dict[str, Any]] = []
        self.trace_ids: list[str] = []
        self._troubles = list(troubles)

    async def __call__(self, recorded: Recorded) -> None:
        """React."""
        self.seen.append(recorded.envelope.id)
        self.moments.append(time.monotonic())
        self.contexts.append(get_contextvars())
        context = trace.get_current_span().get_span_context()
        self.trace_ids.append(trace.format_trace_id(context.trace_id))
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        if trouble:
            await trouble()


@asynccontextmanager
async def reacting(nc: Connection, reaction: Reaction, **options: Any) -> AsyncIterator[Reactor]:
    reactor = Reactor(
        nc,
        "activation",
        STREAM,
        {DeviceCreated: reaction},
        WorkerMetrics(CollectorRegistry()),
        **{"ladder": QUICK, **options},
    )
    running = asyncio.create_task(reactor.run())
    try:
        yield reactor
    finally:
        reactor.stop()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


def created(name: str) -> Envelope:
    aggregate = Aggregate("provisioning", "acme", "device", name)
    event = DeviceCreated(device_id=name, contact_id="c1", name="Desk", sip_account_ids=("s1",))
    envelope = change(History(aggregate), event).envelopes[0]
    traceparent = f"00-{TRACE_ID}-b7ad6b7169203331-01"
    return envelope.model_copy(update={"id": name, "traceparent": traceparent})


async def publish(nc: Connection, *names: str) -> None:
    for name in names:
        envelope = created(name)
        await nc.request(
            subject_of(envelope), envelope.model_dump_json().encode(), timeout=PATIENCE_SECONDS
        )


async def buried(nats: RunningNats) -> list[DeadLetter]:
    async with nats.connected("setup") as admin:
        js = admin.jetstream()
        count = (await js.stream_info("DEAD_LETTERS")).state.messages
        messages = [await js.get_msg("DEAD_LETTERS", seq) for seq in range(1, count + 1)]
    return [DeadLetter.model_validate_json(message.data or b"") for message in messages]


async def info(nc: Connection) -> ConsumerInfo:
    found: ConsumerInfo = await nc.jetstream(prefix="JSP").consumer_info(STREAM, DURABLE)
    return found


async def settled(nc: Connection) -> None:
    """Every event has been acknowledged, up to the last there is."""
    last = await DirectGet(Inbox(nc), "JSP", STREAM).following("evt.provisioning.>", 1, 500)

    async def nothing_waits() -> bool:
        now = await info(nc)
        reached = now.ack_floor.stream_seq if now.ack_floor else 0
        return reached >= last[-1].sequence

    await eventually(nothing_waits)


async def seen(calls: Calls, count: int) -> None:
    async def so_many() -> bool:
        return len(calls.seen) >= count

    await eventually(so_many)


async def test_each_event_is_reacted_to_once_and_in_order(clients: dict[str, Connection]) -> None:
    calls = Calls()
    names = [f"d{number}" for number in range(20)]
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], *names)
        await settled(clients["activation"])
    assert calls.seen == names


async def test_a_reaction_that_raises_once_is_tried_again_and_holds_nobody_up(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    calls = Calls(OSError("away"))
    async with reacting(clients["activation"], calls, ladder=(0.5,)):
        await publish(clients["provisioning"], "d1", "d2", "d3")
        await settled(clients["activation"])
    assert sorted(calls.seen) == ["d1", "d1", "d2", "d3"]
    assert calls.seen.index("d2") < len(calls.seen) - 1 - calls.seen[::-1].index("d1")
    assert await buried(nats) == []


async def test_a_reaction_that_always_raises_is_buried_while_others_go_on(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    async def react(recorded: Recorded) -> None:
        if recorded.envelope.id == "d2":
            raise ValueError("password=hunter2")
        calls.seen.append(recorded.envelope.id)

    calls = Calls()
    async with reacting(clients["activation"], react):
        await publish(clients["provisioning"], "d1", "d2", "d3")
        await settled(clients["activation"])
    (dead,) = await buried(nats)
    assert calls.seen == ["d1", "d3"]
    assert (dead.stream, dead.sequence, dead.tries) == (STREAM, 2, len(QUICK) + 1)
    assert dead.subject == "evt.provisioning.acme.device.d2.1.DeviceCreated"
    assert dead.envelope == created("d2")
    assert dead.reason.startswith("ValueError at chassis.workers.attempts:")
    assert "hunter2" not in dead.model_dump_json()


async def test_an_event_is_buried_once_however_often_it_comes_back(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    nc = clients["activation"]
    async with reacting(nc, Calls(*[OSError()] * 99)):
        await publish(clients["provisioning"], "d1")
        await settled(nc)
    async with nats.connected("setup") as admin:
        await admin.jetstream()._jsm.reset_consumer(STREAM, DURABLE, seq=1)
    async with reacting(nc, Calls(*[OSError()] * 99)):
        await settled(nc)
    assert len(await buried(nats)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"id": "d1"}'])
async def test_an_unreadable_event_is_buried_at_once_with_its_body(
    nats: RunningNats, clients: dict[str, Connection], body: bytes
) -> None:
    calls = Calls()
    async with reacting(clients["activation"], calls):
        subject = "evt.provisioning.acme.device.d1.1.DeviceCreated"
        await clients["provisioning"].request(subject, body, timeout=PATIENCE_SECONDS)
        await settled(clients["activation"])
    (dead,) = await buried(nats)
    assert (calls.seen, dead.envelope, dead.tries) == ([], None, 1)
    assert "cannot be read" in dead.reason


async def test_a_failing_reaction_is_no_hot_loop(clients: dict[str, Connection]) -> None:
    calls = Calls(*[OSError()] * 10_000)
    async with reacting(clients["activation"], calls, ladder=(1.0,) * 50):
        await publish(clients["provisioning"], "d1")
        await seen(calls, 1)
        began = time.monotonic()
        await seen(calls, 3)
        await asyncio.sleep(1)
        assert len(calls.seen) <= 2 + 4 * (time.monotonic() - began)


async def test_nothing_is_acknowledged_before_the_reaction_is_done(
    clients: dict[str, Connection],
) -> None:
    done = asyncio.Event()
    calls = Calls(done.wait)
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1")
        await seen(calls, 1)
        assert (await info(clients["activation"])).num_ack_pending == 1
        done.set()
        await settled(clients["activation"])


@pytest.mark.usefixtures("_impatient")
async def test_an_event_whose_reader_was_cut_off_comes_again(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    done = asyncio.Event()
    lost, saved = Calls(done.wait), Calls()
    async with LossyProxy(nats.url).running() as proxy:
        victim = await connect(proxy.url, "activation", nats.server.seed("activation"))
        async with reacting(victim, lost):
            await publish(clients["provisioning"], "d1")
            await seen(lost, 1)
            await proxy.cut()
            async with reacting(clients["activation"], saved):
                await settled(clients["activation"])
            done.set()
        with suppress(OSError):
            await victim.close()
    assert saved.seen == ["d1"]


async def test_a_closed_connection_does_not_freeze_the_process(
    nats: RunningNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.workers.service_broker.PATIENCE_SECONDS", 0.05)
    nc = await nats.connect("activation")
    async with reacting(nc, Calls()) as reactor:
        await asyncio.sleep(0.5)
        await nc.close()
        await eventually(reactor.check)


@pytest.mark.usefixtures("_impatient")
async def test_a_long_reaction_is_not_started_a_second_time_by_another_replica(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    calls = Calls(*[lambda: asyncio.sleep(5)] * 3)
    async with (
        nats.connected("activation") as replica,
        reacting(clients["activation"], calls),
        reacting(replica, calls),
    ):
        await publish(clients["provisioning"], "d1")
        await settled(clients["activation"])
    assert calls.seen == ["d1"]


async def test_a_reaction_that_hangs_is_given_up_and_tried_again(
    clients: dict[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.workers.attempts.TRY_SECONDS", 0.3)
    calls = Calls(lambda: asyncio.sleep(60))
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1")
        await settled(clients["activation"])
    assert calls.seen == ["d1", "d1"]


async def test_what_is_put_off_does_not_count_as_failed(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    calls = Calls(*[RetryLater("not yet", 0.1)] * 8)
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1")
        await settled(clients["activation"])
    assert len(calls.seen) == 9
    assert await buried(nats) == []


async def test_what_is_put_off_waits_as_long_as_it_asked_to(
    clients: dict[str, Connection],
) -> None:
    calls = Calls(RetryLater("not yet", 1.0))
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1")
        await seen(calls, 2)
    first, second = calls.moments
    assert second - first > 0.9


async def test_what_is_put_off_for_ever_is_buried(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    calls = Calls(*[RetryLater("not yet", 0.1)] * 99)
    async with reacting(clients["activation"], calls, max_deliveries=5):
        await publish(clients["provisioning"], "d1")
        await settled(clients["activation"])
    (dead,) = await buried(nats)
    assert (len(calls.seen), dead.reason.split()[0]) == (5, "RetryLater")


async def test_an_event_that_cannot_be_buried_is_kept(
    nats: RunningNats, clients: dict[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.workers.attempts.BURIAL_PAUSE_SECONDS", 0.2)
    calls = Calls(*[OSError()] * 99)
    async with reacting(clients["activation"], calls), nats.connected("setup") as admin:
        await admin.jetstream().delete_stream("DEAD_LETTERS")
        await publish(clients["provisioning"], "d1")
        await seen(calls, len(QUICK) + 2)
        await setup.apply(admin, nats.topology)
        await settled(clients["activation"])
    assert len(await buried(nats)) == 1


async def test_a_deleted_durable_is_reported_without_a_spin_and_read_again_after_setup(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    nc, calls = clients["activation"], Calls()
    async with reacting(nc, calls) as reactor, nats.connected("setup") as admin:
        await publish(clients["provisioning"], "d1")
        await settled(nc)
        await admin.jetstream().delete_consumer(STREAM, DURABLE)
        await eventually(reactor.check)
        assert "switchboard setup" in str(reactor.failure)
        sent = nc.stats["out_msgs"]
        await asyncio.sleep(1)
        assert nc.stats["out_msgs"] - sent < 20
        await setup.apply(admin, nats.topology)
        await publish(clients["provisioning"], "d2")
        await seen(calls, 2)
        await settled(nc)
        assert reactor.failure is None
    assert calls.seen[-1] == "d2"


async def test_a_reaction_runs_in_the_context_of_its_event(
    clients: dict[str, Connection],
) -> None:
    calls = Calls()
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1")
        await settled(clients["activation"])
    assert calls.contexts[0]["event_id"] == "d1"
    assert calls.contexts[0]["correlation_id"] == "request-1"
    assert calls.trace_ids == [TRACE_ID]


async def test_stopping_waits_for_the_reaction_under_way(clients: dict[str, Connection]) -> None:
    done = asyncio.Event()
    calls = Calls(done.wait)
    async with reacting(clients["activation"], calls):
        await publish(clients["provisioning"], "d1", "d2")
        await seen(calls, 1)
        asyncio.get_running_loop().call_later(0.5, done.set)

    async def acknowledged() -> bool:
        now = await info(clients["activation"])
        return (now.num_ack_pending, now.num_pending) == (0, 1)

    await eventually(acknowledged)
    assert calls.seen == ["d1"]
