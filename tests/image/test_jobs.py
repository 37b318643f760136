"""Jobs of operators beside running Deployments: look, rebuild, new keys, archive, restore."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from chassis.jetstream.nats_process import nats_server
from chassis.jetstream.topology import Topology
from switchboard.demo.client import Client
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.test_separate_processes import REGISTRATION
from tests.image.jobs import run
from tests.image.podman import needed
from tests.image.pods import Pods, running_pods

ADA = Person("Ada", "Lovelace", "ada@example.com")
GRACE = Person("Grace", "Hopper", "grace@example.com")
ALAN = Person("Alan", "Turing", "alan@example.com")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pods(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pods]:
    needed()
    async with running_pods(tmp_path_factory.mktemp("jobs")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(pods: Pods) -> AsyncIterator[Client]:
    async with pods.client() as http:
        client = Client(http)
        await client.command("/api/v1/organizations", REGISTRATION, once="registration")
        await client.sign_in("ada@example.com", "correct horse battery")
        await tell(client, ADA, new_run(), lambda _: None)
        yield client


@pytest.mark.usefixtures("client")
@pytest.mark.asyncio(loop_scope="module")
async def test_a_template_as_it_is_tells_how_far_readers_are(pods: Pods) -> None:
    status, told = await asyncio.to_thread(run, pods.given, "provisioning-operations")
    assert status == 0, told
    assert {d.name for d in Topology.load().durables if d.name not in told} == set()


@pytest.mark.asyncio(loop_scope="module")
async def test_read_models_are_made_anew_beside_those_that_are_read(
    pods: Pods, client: Client
) -> None:
    job = ("sessions-operations", "rebuild", "sessions", "--yes")
    status, told = await asyncio.to_thread(run, pods.given, *job)
    assert status == 0, told
    await pods.ready("sessions-worker")
    await client.sign_in("ada@example.com", "correct horse battery")


@pytest.mark.asyncio(loop_scope="module")
async def test_codes_are_made_with_a_new_key_once_pods_were_started_anew(
    pods: Pods, client: Client
) -> None:
    ring = pods.given.folder / "keys" / "activation-keyring.json"
    before = ring.read_text()
    command = [sys.executable, "-m", "switchboard", "keys", "rotate", "codes", "--yes"]
    environment = {**os.environ, "SWITCHBOARD_DATA": str(pods.given.folder)}
    await asyncio.to_thread(subprocess.run, command, env=environment, check=True)
    assert ring.read_text() != before
    pods.given.hand_over()
    for deployment in ("activation-api", "activation-worker"):
        await asyncio.to_thread(pods.container(deployment).stop)
        await asyncio.to_thread(pods.container(deployment).start)
        await pods.ready(deployment)
    told = await tell(client, GRACE, new_run(), lambda _: None)
    assert told.configuration["accounts"][0]["enabled"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_job_brings_back_logs_that_were_lost(pods: Pods, client: Client) -> None:
    status, told = await asyncio.to_thread(run, pods.given, "archive")
    assert status == 0, told
    known = await _people(client)
    async with _another_broker(pods):
        status, told = await asyncio.to_thread(run, pods.given, "restore")
        assert (status, "say --yes" in told) == (0, True), told
        status, told = await asyncio.to_thread(
            run, pods.given, "restore", "archive", "import", "--yes"
        )
        assert status == 0, told
        assert "Read models go on by themselves" in told
        for deployment in pods.ports:
            await pods.ready(deployment)
        assert known == {"Ada", "Grace"} == await _people(client)
        await tell(client, ALAN, new_run(), lambda _: None)


async def _people(client: Client) -> set[str]:
    page = await client.read("/api/v1/contacts?limit=200")
    return {contact["first_name"] for contact in page["items"]}


@asynccontextmanager
async def _another_broker(pods: Pods) -> AsyncIterator[None]:
    """The disk of the broker is lost: an empty one takes its place and its keys."""
    os.kill(pods.broker.pid, signal.SIGKILL)
    empty = pods.broker.directory.with_name("empty")
    shutil.copytree(pods.broker.directory / "keys", empty / "keys")
    port = urlsplit(pods.broker.url).port
    assert port is not None
    async with nats_server(empty, Topology.load(), port=port):
        yield
