"""Appending, loading, projecting and reacting all work from a service's own account."""

import asyncio
import json
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from nats.js.api import PubAck
from nats.js.client import JetStreamContext
from nats.js.errors import BadRequestError, NoStreamResponseError

from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.rpc import asking
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.nats_server import RunningNats, ask_many

pytest_plugins = ["chassis.testing.nats_fixtures"]

LAST = "Nats-Expected-Last-Subject-Sequence"
LAST_SUBJECT = "Nats-Expected-Last-Subject-Sequence-Subject"


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats) -> None:
    await nats.wipe()


@pytest.fixture
def nc(clients: dict[str, Connection]) -> Connection:
    return clients["provisioning"]


@pytest.fixture
def js(nc: Connection) -> JetStreamContext:
    return nc.jetstream(prefix="JSP")


def event(aggregate: str, version: int) -> str:
    return f"evt.provisioning.org.device.{aggregate}.{version}.DeviceCreated"


def guard(aggregate: str, sequence: int) -> dict[str, str]:
    return {LAST: str(sequence), LAST_SUBJECT: f"evt.provisioning.org.device.{aggregate}.>"}


async def publish(js: JetStreamContext, count: int, aggregate: str = "d1") -> None:
    for version in range(1, count + 1):
        await js.publish(event(aggregate, version), str(version).encode())


async def test_an_append_is_acknowledged_once_however_often_it_is_sent(
    js: JetStreamContext,
) -> None:
    headers = {"Nats-Msg-Id": "event-1"}
    first = await js.publish(event("d1", 1), b"{}", headers=headers)
    again = await js.publish(event("d1", 1), b"{}", headers=headers)
    assert (first.stream, first.seq, again.seq, again.duplicate) == ("PROVISIONING", 1, 1, True)


async def test_a_guarded_append_conflicts(js: JetStreamContext) -> None:
    await js.publish(event("d1", 1), b"{}", headers=guard("d1", 0))
    with pytest.raises(BadRequestError) as conflict:
        await js.publish(event("d1", 2), b"{}", headers=guard("d1", 0))
    assert conflict.value.err_code == 10071


async def test_appending_to_a_foreign_log_fails_at_once(js: JetStreamContext) -> None:
    with pytest.raises(NoStreamResponseError):
        await js.publish("evt.activation.org.device.d1.1.Happened", b"{}")


@pytest.mark.parametrize("count", [5, 1000])
async def test_one_request_loads_an_aggregate(
    count: int, nc: Connection, js: JetStreamContext
) -> None:
    await asyncio.gather(*(js.publish(event("d1", v), b"%d" % v) for v in range(1, count + 1)))
    await publish(js, 2, "d2")
    wanted = {"multi_last": ["evt.provisioning.org.device.d1.>"]}
    answers = await ask_many(nc, "JSP.DIRECT.GET.PROVISIONING", wanted)
    assert sorted(int(answer.data) for answer in answers) == list(range(1, count + 1))


async def test_a_projector_reads_a_range_of_a_foreign_log_to_check_a_gap(
    clients: dict[str, Connection], js: JetStreamContext
) -> None:
    await publish(js, 5)
    wanted: dict[str, object] = {"seq": 2, "batch": 3, "next_by_subj": "evt.provisioning.>"}
    answers = await ask_many(clients["notifier"], "JSP.DIRECT.GET.PROVISIONING", wanted)
    assert [answer.data for answer in answers] == [b"2", b"3", b"4"]


async def test_a_point_read_by_subject_needs_no_body(nc: Connection, js: JetStreamContext) -> None:
    await publish(js, 2)
    message = await js.get_last_msg("PROVISIONING", event("d1", 2), direct=True)
    assert (message.data, message.seq) == (b"2", 2)


async def commit(nc: Connection, messages: list[tuple[str, dict[str, str]]]) -> PubAck:
    batch = str(uuid4())
    for number, (subject, headers) in enumerate(messages, start=1):
        numbered = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number), **headers}
        if number < len(messages):
            await nc.publish(subject, b"{}", headers=numbered)
    answer = await nc.request(subject, b"{}", headers={**numbered, "Nats-Batch-Commit": "1"})
    content = json.loads(answer.data)
    if "error" in content:
        raise BadRequestError.from_error(content["error"])
    return PubAck.from_response(content)


async def test_a_claim_and_its_event_are_stored_together_or_not_at_all(
    nc: Connection, js: JetStreamContext
) -> None:
    free = {LAST: "0"}
    claim = "claim.provisioning.org.device-name.hash"
    ack = await commit(nc, [(claim, free), (event("d1", 1), guard("d1", 0))])
    assert (ack.stream, ack.seq) == ("PROVISIONING", 2)
    with pytest.raises(Exception, match="wrong last sequence"):
        await commit(nc, [(event("d2", 1), guard("d2", 0)), (claim, free)])
    assert (await js.stream_info("PROVISIONING")).state.last_seq == 2


async def test_pulling_acknowledging_and_asking_again(
    clients: dict[str, Connection], js: JetStreamContext
) -> None:
    await publish(js, 4)
    reader = clients["activation"].jetstream(prefix="JSP")
    pull = await reader.pull_subscribe_bind(
        "activation-reactions-provisioning", stream="PROVISIONING"
    )
    first, second, third, fourth = await pull.fetch(4, timeout=PATIENCE_SECONDS)
    await first.ack()
    await second.ack_sync()
    await third.in_progress()
    await third.term()
    await fourth.nak(delay=0.1)
    (again,) = await pull.fetch(1, timeout=PATIENCE_SECONDS)
    assert (again.data, again.metadata.num_delivered) == (b"4", 2)
    await again.ack_sync()
    info = await pull.consumer_info()
    assert (info.num_ack_pending, info.num_pending) == (0, 0)


async def test_a_reaction_is_not_shown_other_events(
    clients: dict[str, Connection], js: JetStreamContext
) -> None:
    await js.publish("evt.provisioning.org.contact.c1.1.ContactAdded", b"private")
    await publish(js, 1)
    reader = clients["activation"].jetstream(prefix="JSP")
    pull = await reader.pull_subscribe_bind(
        "activation-reactions-provisioning", stream="PROVISIONING"
    )
    assert [message.data for message in await pull.fetch(5, timeout=2)] == [b"1"]


async def test_two_overlapping_pulls_feed_one_callback_in_order(
    clients: dict[str, Connection], js: JetStreamContext
) -> None:
    await publish(js, 60)
    nc = clients["notifier"]
    received: list[Msg] = []
    complete = asyncio.Event()

    async def take(message: Msg) -> None:
        if message.reply:
            received.append(message)
        if len(received) == 60:
            complete.set()

    inbox = nc.new_inbox()
    await nc.subscribe(inbox, cb=take)
    request = json.dumps({"batch": 30, "expires": 60_000_000_000}).encode()
    stream, durable = "PROVISIONING", "notifier-projector-provisioning"
    for _ in range(2):
        await nc.publish(f"JSP.CONSUMER.MSG.NEXT.{stream}.{durable}", request, reply=inbox)
    await asyncio.wait_for(complete.wait(), PATIENCE_SECONDS)
    assert [int(message.data) for message in received] == list(range(1, 61))
    await received[-1].ack_sync()
    info = await nc.jetstream(prefix="JSP").consumer_info(stream, durable)
    assert (info.num_ack_pending, info.ack_floor.consumer_seq if info.ack_floor else 0) == (0, 60)


async def test_a_rebuild_moves_its_own_cursor_back(js: JetStreamContext) -> None:
    await publish(js, 3)
    name = "provisioning-projector-provisioning"
    pull = await js.pull_subscribe_bind(name, stream="PROVISIONING")
    await (await pull.fetch(3))[-1].ack_sync()
    await js.reset_consumer("PROVISIONING", name, 1)
    assert [message.data for message in await pull.fetch(3)] == [b"1", b"2", b"3"]


async def test_activation_opens_what_provisioning_sealed(clients: dict[str, Connection]) -> None:
    await clients["provisioning"].request("$KV.secrets.org.s1.1", b"sealed")
    reader = clients["activation"].jetstream(prefix="JSP")
    message = await reader.get_last_msg("KV_secrets", "$KV.secrets.org.s1.1", direct=True)
    assert message.data == b"sealed"


async def test_an_expired_heartbeat_leaves_a_marker(clients: dict[str, Connection]) -> None:
    nc = clients["sessions"]
    await nc.request("heartbeat.d1", b"alive", headers={"Nats-TTL": "1s", LAST: "0"})
    js = nc.jetstream(prefix="JSP")

    async def marked() -> bool:
        message = await js.get_last_msg("HEARTBEATS", "heartbeat.d1", direct=True)
        return (message.headers or {}).get("Nats-Marker-Reason") == "MaxAge"

    await eventually(marked)


async def test_the_notifier_asks_activation_for_a_code(clients: dict[str, Connection]) -> None:
    async def answer(message: Msg) -> None:
        await message.respond(b"code for " + message.data)

    await clients["activation"].subscribe("rpc.activation.code", queue="activation", cb=answer)
    await clients["activation"].flush()
    assert await asking(clients["notifier"])("rpc.activation.code", b"a1") == b"code for a1"
