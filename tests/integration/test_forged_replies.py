"""A service cannot make the server write into a foreign stream by naming it as reply subject."""

import asyncio
import json
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

from chassis.jetstream.nats_connection import Connection
from chassis.testing.eventually import PATIENCE_SECONDS
from chassis.testing.nats_server import RunningNats

pytest_plugins = ["chassis.testing.nats_fixtures"]

SERVICES = ("provisioning", "activation", "notifier", "sessions")


def event_of(service: str, aggregate: str) -> str:
    return f"evt.{service}.org.thing.{aggregate}.1.Happened"


FORGED_REPLIES = (
    *(event_of(service, "victim") for service in SERVICES),
    "claim.activation.org.code.victim",
    "idem.sessions.victim",
    "dead.notifier.victim",
    "$KV.secrets.victim",
    "heartbeat.victim",
    "$JS.API.STREAM.PURGE.KV_secrets",
    "$JS.API.STREAM.DELETE.HEARTBEATS",
    "JSP.STREAM.DELETE.HEARTBEATS",
)


@pytest.mark.parametrize("attacker", SERVICES)
async def test_a_forged_reply_subject_writes_into_no_foreign_stream(
    attacker: str, nats: RunningNats, clients: dict[str, Connection]
) -> None:
    nc, own = clients[attacker], attacker.upper()
    projector = f"{own}.{attacker}-projector-{attacker}"
    await nc.jetstream(prefix="JSP").publish(event_of(attacker, str(uuid4())), b"{}")
    foreign = [r for r in FORGED_REPLIES if attacker not in r]
    if attacker == "provisioning":
        foreign.remove("$KV.secrets.victim")
    if attacker == "sessions":
        foreign.remove("heartbeat.victim")
    before = await nats.contents()
    for reply in foreign:
        requests: list[tuple[str, dict[str, object]]] = [
            (event_of(attacker, str(uuid4())), {"forged": "ack"}),
            (f"claim.{attacker}.org.kind.{uuid4()}", {"forged": "ack"}),
            (f"JSP.CONSUMER.MSG.NEXT.{projector}", {"batch": 5, "no_wait": True}),
            (f"JSP.CONSUMER.INFO.{projector}", {}),
            (f"JSP.CONSUMER.RESET.{projector}", {}),
            (f"JSP.DIRECT.GET.{own}", {"multi_last": [f"evt.{attacker}.>"]}),
            (f"JSP.DIRECT.GET.{own}", {"last_by_subj": f"evt.{attacker}.>"}),
            (f"JSP.DIRECT.GET.{own}.evt.{attacker}.>", {}),
            (f"JSP.STREAM.INFO.{own}", {}),
        ]
        for subject, body in requests:
            await nc.publish(subject, json.dumps(body).encode(), reply=reply)
    await nc.flush()
    await asyncio.sleep(0.3)
    after = await nats.contents()
    assert after[own] > before[own]  # the requests themselves did arrive
    assert set(after) == set(before)
    assert {s: n for s, n in after.items() if s != own} == {
        s: n for s, n in before.items() if s != own
    }


async def test_without_accounts_the_same_forgery_would_write(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    await clients["provisioning"].request(event_of("provisioning", "body"), b"attacker's body")
    async with nats.connected("setup") as admin:
        wanted = json.dumps({"last_by_subj": event_of("provisioning", "body")}).encode()
        victim = event_of("activation", "victim")
        await admin.publish("$JS.API.DIRECT.GET.PROVISIONING", wanted, reply=victim)
        await admin.flush()
        await asyncio.sleep(0.2)
        stored = await admin.jetstream().get_last_msg("ACTIVATION", victim)
        assert stored.data == b"attacker's body"


async def test_an_acknowledgement_that_asks_for_more_cannot_be_redirected_either(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    js = clients["provisioning"].jetstream(prefix="JSP")
    for _ in range(3):
        await js.publish(event_of("provisioning", str(uuid4())), b"{}")
    pull = await js.pull_subscribe_bind(
        "provisioning-projector-provisioning", stream="PROVISIONING"
    )
    (message,) = await pull.fetch(1)
    before = await nats.contents()
    victim = event_of("activation", "victim")
    await clients["provisioning"].publish(message.reply, b"+NXT", reply=victim)
    await clients["provisioning"].flush()
    await asyncio.sleep(0.2)
    assert await nats.contents() == before


async def test_a_push_consumer_towards_a_foreign_subject_cannot_be_made(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    config = {"deliver_subject": event_of("activation", "victim"), "ack_policy": "none"}
    body = json.dumps({"stream_name": "PROVISIONING", "config": config}).encode()
    before = await nats.contents()
    with pytest.raises(NoRespondersError):
        await clients["provisioning"].request("JSP.CONSUMER.CREATE.PROVISIONING", body)
    assert await nats.contents() == before


@pytest.mark.parametrize(
    "body",
    [
        {"seq": 1},
        {"last_by_subj": "idem.activation.key"},
        {"next_by_subj": "idem.activation.>"},
        {"multi_last": ["idem.>"]},
        {"seq": 1, "batch": 10, "next_by_subj": ">"},
    ],
    ids=str,
)
async def test_a_request_body_does_not_widen_a_right_to_get_by_subject(
    body: dict[str, object], clients: dict[str, Connection]
) -> None:
    await clients["activation"].request("idem.activation.key", b"foreign answer")
    await clients["sessions"].request("idem.sessions.key", b"own answer")
    subject = "JSP.DIRECT.GET.IDEMPOTENCY.idem.sessions.key"
    answer = await clients["sessions"].request(subject, json.dumps(body).encode())
    assert b"foreign" not in answer.data
    assert (answer.headers or {}).get("Nats-Subject") in (None, "idem.sessions.key")


async def test_an_answer_of_another_service_cannot_be_redirected_into_its_log(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    answered = asyncio.Event()

    async def answer(message: Msg) -> None:
        await message.respond(b"a code")
        answered.set()

    await clients["activation"].subscribe("rpc.activation.code", cb=answer)
    await clients["activation"].flush()
    before = await nats.contents()
    victim = event_of("activation", "victim")
    await clients["notifier"].publish("rpc.activation.code", b"a1", reply=victim)
    await asyncio.wait_for(answered.wait(), PATIENCE_SECONDS)
    await clients["activation"].flush()
    await asyncio.sleep(0.1)
    assert await nats.contents() == before
