"""A team outside, added by a few lines of the topology, reads what it may and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import yaml
from nats.aio.msg import Msg

from chassis.jetstream import setup
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.topology import DEFAULT_PATH, Topology
from chassis.testing.eventually import PATIENCE_SECONDS
from chassis.testing.nats_server import RunningNats, running_nats
from tests.docs.repository import fences, text
from tests.integration.test_accounts import everything, of_durable, reaches

ONE_ORGANIZATION = "0190a8f0-1111-7000-8000-000000000001"
DURABLE = "wallboard-subscriber-provisioning"


def subscribed() -> Topology:
    content: dict[str, Any] = yaml.safe_load(DEFAULT_PATH.read_text())
    (five_lines,) = fences(text("docs/subscribing.md"), "yaml")
    content |= yaml.safe_load(five_lines)
    content["subscribers"]["tenant"] = {
        "organization": ONE_ORGANIZATION,
        "reads": {"PROVISIONING": ["*.*"]},
    }
    return Topology.model_validate(content)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNats]:
    async with running_nats(tmp_path_factory.mktemp("nats"), subscribed()) as server:
        yield server


@pytest_asyncio.fixture
async def outsider(nats: RunningNats) -> AsyncIterator[Connection]:
    await nats.wipe()
    async with nats.connected("wallboard") as connection:
        yield connection


@pytest_asyncio.fixture
async def provisioning(nats: RunningNats) -> AsyncIterator[Connection]:
    async with nats.connected("provisioning") as connection:
        yield connection


def device_event(organization: str = "org", *, version: int = 1) -> str:
    return f"evt.provisioning.{organization}.device.{uuid4()}.{version}.DeviceCreated"


async def publish(nc: Connection, *subjects: str) -> None:
    for subject in subjects:
        await nc.jetstream(prefix="JSP").publish(subject, subject.encode())


async def read(nc: Connection, durable: str, count: int = 10) -> list[str]:
    stream = durable.rsplit("-", 1)[1].upper()
    pull = await nc.jetstream(prefix="JSP").pull_subscribe_bind(durable, stream=stream)
    try:
        messages = await pull.fetch(count, timeout=4)
    except TimeoutError:
        return []
    for message in messages:
        await message.ack_sync()
    return [message.subject for message in messages]


async def test_d5_an_outsider_reads_from_the_first_event_on_and_only_what_it_chose(
    outsider: Connection, provisioning: Connection
) -> None:
    contact = f"evt.provisioning.org.contact.{uuid4()}.1.ContactAdded"
    devices = [device_event(), device_event()]
    await publish(provisioning, devices[0], contact, devices[1])
    assert await read(outsider, DURABLE) == devices


async def test_what_was_acknowledged_does_not_come_again_until_the_place_is_set_back(
    outsider: Connection, provisioning: Connection
) -> None:
    first = device_event()
    await publish(provisioning, first)
    assert await read(outsider, DURABLE) == [first]
    assert await read(outsider, DURABLE) == []
    await outsider.jetstream(prefix="JSP").reset_consumer("PROVISIONING", DURABLE, 1)
    assert await read(outsider, DURABLE) == [first]


async def test_a_subscriber_of_one_organization_sees_no_other(
    outsider: Connection, provisioning: Connection, nats: RunningNats
) -> None:
    own = device_event(ONE_ORGANIZATION)
    await publish(provisioning, device_event(), own)
    async with nats.connected("tenant") as tenant:
        assert await read(tenant, "tenant-subscriber-provisioning") == [own]


async def test_the_live_feed_says_each_event_as_it_is_stored_and_where_it_stands(
    outsider: Connection, provisioning: Connection
) -> None:
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    await outsider.subscribe("live.evt.provisioning.*.device.*.*.*", cb=heard.put)
    await outsider.flush()
    chosen = device_event()
    contact = f"evt.provisioning.org.contact.{uuid4()}.1.ContactAdded"
    await publish(provisioning, contact, chosen)
    live = await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)
    assert (live.subject, live.data) == (f"live.{chosen}", chosen.encode())
    assert (live.headers or {})["Nats-Sequence"] == "2"
    assert heard.empty()


async def test_nobody_can_say_something_on_the_live_feed_but_the_log(
    outsider: Connection, provisioning: Connection, nats: RunningNats
) -> None:
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    await outsider.subscribe("live.>", cb=heard.put)
    await outsider.flush()
    forged = f"live.{device_event()}"
    async with nats.connected("tenant") as tenant, nats.connected("ops") as ops:
        for nc in (provisioning, tenant, ops):
            await nc.publish(forged, b"forged")
            await nc.flush()
    await publish(provisioning, device_event())
    assert b"forged" not in (await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)).data
    assert heard.empty()


async def test_an_outsider_reaches_its_durables_and_nothing_else(
    outsider: Connection, nats: RunningNats
) -> None:
    own = {"PROVISIONING": DURABLE, "SESSIONS": "wallboard-subscriber-sessions"}
    allowed = {subject for stream, name in own.items() for subject in of_durable(stream, name)}
    allowed |= {f"JSP.CONSUMER.RESET.{stream}.{name}" for stream, name in own.items()}
    foreign = of_durable("PROVISIONING", "tenant-subscriber-provisioning")
    probed = sorted(everything() | allowed | foreign)
    before = await nats.contents()
    answers = await asyncio.gather(*(reaches(outsider, subject) for subject in probed))
    reached = {subject for subject, answered in zip(probed, answers, strict=True) if answered}
    assert reached == allowed
    assert await nats.contents() == before


async def test_an_outsider_writes_nowhere_by_naming_a_reply_subject(
    outsider: Connection, provisioning: Connection, nats: RunningNats
) -> None:
    await publish(provisioning, device_event(), device_event())
    before = await nats.contents()
    forged = device_event()
    for path in ("MSG.NEXT", "INFO", "RESET"):
        subject = f"JSP.CONSUMER.{path}.PROVISIONING.{DURABLE}"
        await outsider.publish(subject, json.dumps({"batch": 2}).encode(), reply=forged)
    await outsider.publish(forged, b"forged")
    await outsider.flush()
    await asyncio.sleep(0.3)
    assert await nats.contents() == before


async def test_a_second_outsider_changes_nothing_for_the_first(
    outsider: Connection, provisioning: Connection, nats: RunningNats
) -> None:
    first = device_event()
    await publish(provisioning, first)
    assert await read(outsider, DURABLE) == [first]
    async with nats.connected("setup") as admin:
        assert await setup.apply(admin, subscribed()) == []
    assert await read(outsider, DURABLE) == []
