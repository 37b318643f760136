"""Setup against a real server: it creates, changes, refuses, and sees what is missing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.jetstream import setup
from chassis.jetstream.accounts import API_PREFIX
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.topology import DEFAULT_PATH, Topology
from chassis.testing.nats_server import RunningNats, running_nats


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[RunningNats]:
    async with running_nats(tmp_path) as nats:
        yield nats


@pytest.fixture
async def admin(fresh: RunningNats) -> AsyncIterator[Connection]:
    async with fresh.connected("setup") as connection:
        yield connection


def edited(section: str, **values: object) -> Topology:
    content: dict[str, Any] = yaml.safe_load(DEFAULT_PATH.read_text())
    content[section] |= values
    return Topology.model_validate(content)


async def test_applying_a_second_time_changes_nothing(
    fresh: RunningNats, admin: Connection
) -> None:
    reported: list[str] = []
    assert await setup.apply(admin, fresh.topology, reported.append) == []
    assert reported == []
    assert await setup.problems(admin, fresh.topology) == []


async def test_everything_of_the_topology_exists_and_nothing_else(
    fresh: RunningNats, admin: Connection
) -> None:
    js = admin.jetstream()
    streams = {str(info.config.name) for info in await js.streams_info()}
    durables = [c.name for name in streams for c in await js.consumers_info(name)]
    assert streams == set(fresh.topology.streams)
    assert sorted(durables) == sorted(durable.name for durable in fresh.topology.durables)


async def test_a_changed_durable_is_changed_in_place(admin: Connection) -> None:
    changes = await setup.apply(admin, edited("reactions", max_ack_pending=7))
    assert len(changes) == sum(one.kind == "reactions" for one in Topology.load().durables)
    assert "durable provisioning-reactions-sessions: max_ack_pending 200000 -> 7" in changes
    info = await admin.jetstream().consumer_info("SESSIONS", "provisioning-reactions-sessions")
    assert info.config.max_ack_pending == 7


async def test_another_event_for_a_reaction_reaches_its_filter(admin: Connection) -> None:
    events = ["OrganizationRegistered", "UserErased"]
    service = {"projects": ["PROVISIONING", "ACTIVATION"], "reacts": {"SESSIONS": events}}
    await setup.apply(admin, edited("services", provisioning=service))
    info = await admin.jetstream().consumer_info("SESSIONS", "provisioning-reactions-sessions")
    assert info.config.filter_subjects == [f"evt.sessions.*.*.*.*.{event}" for event in events]


async def test_a_changed_stream_keeps_its_messages_and_what_was_set_by_hand(
    fresh: RunningNats, admin: Connection
) -> None:
    js = admin.jetstream()
    await js.publish("evt.sessions.org.desk.d1.1.DeskAdded", b"{}")
    by_hand = (await js.stream_info("SESSIONS")).config
    await js.update_stream(by_hand, max_bytes=1_000_000)
    changes = await setup.apply(admin, edited("defaults", duplicate_window="60s"))
    assert "stream SESSIONS: duplicate_window 120000000000 -> 60000000000" in changes
    info = await js.stream_info("SESSIONS")
    assert (info.state.messages, info.config.max_bytes) == (1, 1_000_000)


async def test_a_new_version_is_written_to_everything(
    fresh: RunningNats, admin: Connection
) -> None:
    newer = fresh.topology.model_copy(update={"version": 2})
    found = await setup.problems(admin, newer)
    assert "stream SESSIONS is of topology 1, not 2: run `switchboard setup`" in found
    assert len(found) == len(newer.streams) + len(newer.durables)
    await setup.apply(admin, newer)
    assert await setup.problems(admin, newer) == []


async def test_a_change_that_nats_forbids_is_refused_with_a_remedy(admin: Connection) -> None:
    with pytest.raises(setup.SetupRefused) as refused:
        await setup.apply(admin, edited("log", deny_purge=False))
    assert "stream PROVISIONING: deny_purge True -> False" in str(refused.value)
    assert "Put the old value back into deploy/topology.yaml" in str(refused.value)


async def test_a_durable_cannot_change_how_it_acknowledges(admin: Connection) -> None:
    with pytest.raises(setup.SetupRefused, match="delete the durable and run `switchboard setup`"):
        await setup.apply(admin, edited("reactions", ack_policy="all"))


async def test_problems_names_a_deleted_durable_and_apply_restores_it(
    fresh: RunningNats, admin: Connection
) -> None:
    name = "sessions-projector-sessions"
    await admin.jetstream().delete_consumer("SESSIONS", name)
    expected = [f"durable {name} is missing: run `switchboard setup`"]
    assert await setup.problems(admin, fresh.topology) == expected
    async with fresh.connected("sessions") as nc:
        assert await setup.problems(nc, fresh.topology, "sessions", API_PREFIX) == expected
    assert await setup.apply(admin, fresh.topology) == [f"durable {name}: created"]
    assert await setup.problems(admin, fresh.topology) == []


async def test_problems_names_a_deleted_stream(fresh: RunningNats, admin: Connection) -> None:
    await admin.jetstream().delete_stream("NOTIFIER")
    found = await setup.problems(admin, fresh.topology, "notifier")
    assert "stream NOTIFIER is missing: run `switchboard setup`" in found


async def test_every_service_can_see_its_own_readiness(fresh: RunningNats) -> None:
    for service in fresh.topology.services:
        async with fresh.connected(service) as nc:
            assert await setup.problems(nc, fresh.topology, service, API_PREFIX) == []


async def test_a_service_cannot_apply_the_topology(fresh: RunningNats) -> None:
    async with fresh.connected("sessions") as nc:
        with pytest.raises((setup.ApiError, setup.JetStreamSilent)):
            await setup.apply(nc, fresh.topology)
