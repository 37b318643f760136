"""Each service's account reaches exactly what its row says."""

import asyncio
import json
from dataclasses import dataclass
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout

from chassis.jetstream.nats_connection import Connection
from chassis.testing.eventually import PATIENCE_SECONDS, eventually
from chassis.testing.nats_server import RunningNats, ask_many

pytest_plugins = ["chassis.testing.nats_fixtures"]

SERVICES = ("provisioning", "activation", "notifier", "sessions")
NOT_ENABLED, BAD_REQUEST = 10039, 10025  # of its own account
STREAMS = ("PROVISIONING", "ACTIVATION", "NOTIFIER", "SESSIONS")
BUCKETS = ("KV_secrets", "KV_imports", "KV_credentials", "KV_browsers")
SHARED = ("IDEMPOTENCY", "DEAD_LETTERS", *BUCKETS, "COUNTERS", "HEARTBEATS")
DURABLES = {
    "PROVISIONING": {
        "provisioning-projector-provisioning",
        "provisioning-reactions-provisioning",
        "activation-projector-provisioning",
        "activation-reactions-provisioning",
        "notifier-projector-provisioning",
        "sessions-projector-provisioning",
        "sessions-reactions-provisioning",
    },
    "ACTIVATION": {
        "provisioning-projector-activation",
        "activation-projector-activation",
        "notifier-reactions-activation",
    },
    "NOTIFIER": {
        "activation-projector-notifier",
        "notifier-projector-notifier",
        "notifier-reactions-notifier",
    },
    "HEARTBEATS": {"sessions-expiries-heartbeats"},
    "SESSIONS": {
        "provisioning-reactions-sessions",
        "activation-projector-sessions",
        "notifier-projector-sessions",
        "sessions-projector-sessions",
        "sessions-reactions-sessions",
    },
}


@dataclass(frozen=True)
class Row:
    """What one service may reach, written down a second time and by hand."""

    projects: tuple[str, ...]
    reacts: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()
    gets: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    expires: tuple[str, ...] = ()


ROWS = {
    "provisioning": Row(
        ("PROVISIONING", "ACTIVATION"),
        ("SESSIONS", "PROVISIONING"),
        publishes=(
            "$KV.secrets.some.key",
            "$KV.imports.some.key",
            "counter.provisioning.some.key",
        ),
        gets=("KV_imports", "KV_imports.$KV.imports.some.key"),
    ),
    "activation": Row(
        ("ACTIVATION", "PROVISIONING", "SESSIONS", "NOTIFIER"),
        ("PROVISIONING",),
        publishes=("counter.activation.some.key",),
        gets=("KV_secrets", "KV_secrets.$KV.secrets.some.key"),
    ),
    "notifier": Row(
        ("NOTIFIER", "PROVISIONING", "SESSIONS"),
        ("ACTIVATION", "NOTIFIER"),
        publishes=("counter.notifier.some.key",),
        asks=("rpc.activation.code",),
    ),
    "sessions": Row(
        ("SESSIONS", "PROVISIONING"),
        ("PROVISIONING", "SESSIONS"),
        expires=("HEARTBEATS",),
        publishes=("heartbeat.some.key", "counter.sessions.some.key", "$KV.credentials.some.key"),
        gets=(
            "HEARTBEATS",
            "HEARTBEATS.heartbeat.some.key",
            "KV_credentials",
            "KV_credentials.$KV.credentials.some.key",
        ),
    ),
}

ERASURE = "JSP.STREAM.MSG.DELETE.PROVISIONING"

BROWSERS = {
    "$KV.browsers.some.key",
    "JSP.DIRECT.GET.KV_browsers",
    "JSP.DIRECT.GET.KV_browsers.$KV.browsers.some.key",
}

NEVER = (
    "INFO",
    "STREAM.NAMES",
    "STREAM.LIST",
    *(
        f"STREAM.{verb}.{stream}"
        for verb in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT")
        for stream in STREAMS + SHARED
    ),
    *(f"CONSUMER.{verb}.{s}" for verb in ("CREATE", "NAMES", "LIST") for s in STREAMS + SHARED),
    *(
        f"CONSUMER.{verb}.{stream}.{durable}"
        for verb in ("CREATE", "DURABLE.CREATE", "DELETE", "PAUSE", "UNPIN")
        for stream, durables in DURABLES.items()
        for durable in durables
    ),
)


def event_of(service: str, aggregate: str = "some", version: int = 1) -> str:
    return f"evt.{service}.org.thing.{aggregate}.{version}.Happened"


def everything() -> set[str]:
    """Each subject that exists for anybody, as a service would write it."""
    subjects = {"$KV.secrets.some.key", "heartbeat.some.key", "rpc.activation.code"}
    subjects |= {f"counter.{service}.some.key" for service in SERVICES}
    for service in SERVICES:
        subjects |= {event_of(service), f"JSP.DIRECT.GET.{service.upper()}.{event_of(service)}"}
        subjects |= {f"{kind}.{service}.some.key" for kind in ("claim", "idem", "dead")}
        subjects |= {f"JSP.DIRECT.GET.IDEMPOTENCY.idem.{service}.some.key"}
        subjects |= {f"JSP.DIRECT.GET.DEAD_LETTERS.dead.{service}.some.key"}
    subjects |= {"JSP.DIRECT.GET.KV_secrets.$KV.secrets.some.key"}
    subjects |= {"$KV.credentials.some.key"}
    subjects |= {"JSP.DIRECT.GET.KV_credentials.$KV.credentials.some.key"}
    subjects |= {"$KV.imports.some.key", "JSP.DIRECT.GET.KV_imports.$KV.imports.some.key"}
    subjects |= {"JSP.DIRECT.GET.HEARTBEATS.heartbeat.some.key"}
    subjects |= BROWSERS
    for stream in STREAMS + SHARED:
        subjects |= {f"JSP.STREAM.INFO.{stream}", f"JSP.DIRECT.GET.{stream}"}
    for stream, durables in DURABLES.items():
        for durable in durables:
            subjects |= of_durable(stream, durable) | {f"JSP.CONSUMER.RESET.{stream}.{durable}"}
    return subjects | {f"JSP.{path}" for path in NEVER}


def of_durable(stream: str, durable: str) -> set[str]:
    name = f"{stream}.{durable}"
    return {
        f"JSP.CONSUMER.MSG.NEXT.{name}",
        f"JSP.CONSUMER.INFO.{name}",
        f"$JS.ACK.{name}.1.9999.1.0.0",
    }


def allowed(service: str) -> set[str]:
    row, own = ROWS[service], service.upper()
    subjects = {event_of(service), *row.publishes, *row.asks}
    subjects |= {f"{kind}.{service}.some.key" for kind in ("claim", "idem", "dead")}
    subjects |= {f"JSP.DIRECT.GET.IDEMPOTENCY.idem.{service}.some.key"}
    subjects |= {f"JSP.DIRECT.GET.{own}.{event_of(service)}"}
    subjects |= {f"JSP.DIRECT.GET.{path}" for path in row.gets}
    # Everybody looks there whose session is over.
    subjects |= {"JSP.DIRECT.GET.SESSIONS"}
    readable = row.projects + row.reacts + row.expires
    subjects |= {f"JSP.STREAM.INFO.{stream}" for stream in readable}
    for stream in row.expires:
        subjects |= of_durable(stream, f"{service}-expiries-{stream.lower()}")
    for stream in row.projects:
        durable = f"{service}-projector-{stream.lower()}"
        subjects |= of_durable(stream, durable) | {f"JSP.CONSUMER.RESET.{stream}.{durable}"}
        subjects |= {f"JSP.DIRECT.GET.{stream}"}
    for stream in row.reacts:
        subjects |= of_durable(stream, f"{service}-reactions-{stream.lower()}")
    return subjects


async def reaches(nc: Connection, subject: str) -> bool:
    body = b'{"no_wait": true}' if ".MSG.NEXT." in subject else b""
    try:
        await nc.request(subject, body, timeout=4)
    except NoRespondersError:
        return False
    except NatsTimeout:  # something listens there and has nothing to say, an acknowledgement say
        return True
    return True


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reaches_exactly_what_its_row_says(
    service: str, clients: dict[str, Connection]
) -> None:
    code = await clients["activation"].subscribe("rpc.activation.code")
    await clients["activation"].flush()
    nc = clients[service]
    probed = sorted(everything())
    answers = await asyncio.gather(*(reaches(nc, subject) for subject in probed))
    reached = {subject for subject, answered in zip(probed, answers, strict=True) if answered}
    # Activation hears its own subject, since it serves it.
    served = {"rpc.activation.code"} if service == "activation" else set()
    # To this account's other user it is open; this one is denied it, and hears nothing at all.
    served |= {ERASURE} if service == "provisioning" else set()
    assert reached - allowed(service) == served
    assert allowed(service) - reached == set()
    await code.unsubscribe()


async def test_the_portal_reaches_its_browsers_and_nothing_else(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    probed = sorted(everything())
    answers = await asyncio.gather(*(reaches(clients["portal"], subject) for subject in probed))
    reached = {subject for subject, answered in zip(probed, answers, strict=True) if answered}
    assert reached == BROWSERS


@pytest.mark.parametrize("service", SERVICES)
async def test_the_api_under_its_usual_name_does_nothing(
    service: str, nats: RunningNats, clients: dict[str, Connection]
) -> None:
    before = await nats.contents()
    for path in (*NEVER, *(f"STREAM.INFO.{stream}" for stream in STREAMS + SHARED)):
        try:
            answer = await clients[service].request(f"$JS.API.{path}", b'{"group": "g"}')
        except NoRespondersError:
            continue
        assert json.loads(answer.data)["error"]["err_code"] in (NOT_ENABLED, BAD_REQUEST), path
    assert await nats.contents() == before


async def test_a_refused_request_fails_at_once(clients: dict[str, Connection]) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(NoRespondersError):
        await clients["notifier"].request(event_of("sessions"), b"{}", timeout=60)
    assert asyncio.get_running_loop().time() - started < 15


async def test_nobody_overhears_the_others(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    await clients["sessions"].subscribe(">", cb=hear)
    await clients["sessions"].flush()
    js = clients["provisioning"].jetstream(prefix="JSP")
    await js.publish(event_of("provisioning", str(uuid4())), b"{}")
    await ask_many(
        clients["provisioning"], "JSP.DIRECT.GET.PROVISIONING", {"multi_last": ["evt.>"]}
    )
    await clients["provisioning"].request("$KV.secrets.overheard", b"sealed")
    await clients["sessions"].flush()
    assert heard == []


async def test_ops_may_look_but_not_touch(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    await clients["notifier"].request(event_of("notifier", str(uuid4())), b"{}")
    async with nats.connected("ops") as ops:
        js = ops.jetstream()
        assert (await js.stream_info("NOTIFIER")).state.messages > 0
        assert (await js.get_last_msg("NOTIFIER", "evt.notifier.>")).data == b"{}"
        before = await nats.contents()
        touching = (
            "STREAM.PURGE.KV_secrets",
            "STREAM.DELETE.NOTIFIER",
            "STREAM.MSG.DELETE.NOTIFIER",
        )
        for subject in (event_of("notifier"), *(f"$JS.API.{path}" for path in touching)):
            await ops.publish(subject, b'{"seq": 1}')
        await ops.flush()

        async def all_refused() -> bool:
            return ops.permission_violations == 4

        # The client tells of refusals in tasks of its own.
        await eventually(all_refused)
        assert await nats.contents() == before


async def test_ops_changes_no_durable_and_acknowledges_for_nobody(nats: RunningNats) -> None:
    stream, durable = "NOTIFIER", "notifier-reactions-notifier"
    async with nats.connected("ops") as ops:
        before = (await ops.jetstream().consumer_info(stream, durable)).config
        changed = {"name": durable, "durable_name": durable, "ack_policy": "explicit"}
        body = json.dumps({"stream_name": stream, "config": changed | {"max_deliver": 1}}).encode()
        answer = await ops.request(f"$JS.API.CONSUMER.CREATE.{stream}", body)
        assert "error" in json.loads(answer.data)
        for subject in (
            f"$JS.API.CONSUMER.CREATE.{stream}.{durable}",
            f"$JS.API.CONSUMER.DELETE.{stream}.{durable}",
            f"$JS.API.CONSUMER.RESET.{stream}.{durable}",
            f"$JS.ACK.{stream}.{durable}.1.1.1.0.0",
            "dead.notifier.x",
        ):
            await ops.publish(subject, body)
        await ops.flush()

        async def all_refused() -> bool:
            return ops.permission_violations == 5

        await eventually(all_refused)
        assert (await ops.jetstream().consumer_info(stream, durable)).config == before


async def test_what_is_replayed_is_heard_by_no_service_and_stored_nowhere(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        heard.append(message.subject)

    for nc in clients.values():
        await nc.subscribe("replay.>", cb=hear)
        await nc.flush()
    before = await nats.contents()
    async with nats.connected("ops") as ops:
        await ops.publish("replay.team", b"{}")
        await ops.flush()
        assert ops.permission_violations == 0
    for nc in clients.values():
        await nc.flush()
    assert heard == []
    assert await nats.contents() == before


async def test_nobody_connects_without_a_key(nats: RunningNats) -> None:
    host, port = nats.url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.readline()
    writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
    assert b"Authorization Violation" in await asyncio.wait_for(reader.readline(), PATIENCE_SECONDS)
    writer.close()
    await writer.wait_closed()


async def test_only_the_eraser_takes_a_message_out_of_a_log(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    told = await clients["provisioning"].request(event_of("provisioning", str(uuid4())), b"{}")
    erasure = json.dumps({"seq": json.loads(told.data)["seq"]}).encode()
    before = await nats.contents()
    with pytest.raises(NatsTimeout):
        await clients["provisioning"].request(ERASURE, erasure, timeout=0.5)
    assert await nats.contents() == before
    async with nats.connected("provisioning_eraser") as eraser:
        for subject in (event_of("provisioning"), "$KV.secrets.x", "JSP.STREAM.INFO.PROVISIONING"):
            with pytest.raises(NatsTimeout):
                await eraser.request(subject, b"{}", timeout=0.5)
        assert await nats.contents() == before
        assert json.loads((await eraser.request(ERASURE, erasure)).data)["success"] is True
    last, count = before["PROVISIONING"]
    assert (await nats.contents())["PROVISIONING"] == (last, count - 1)
