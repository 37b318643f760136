"""The image and the Deployments under podman: locked down, ready, stopped without a loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count

import pytest
import pytest_asyncio

from switchboard.demo.client import Client, Unreachable
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.test_separate_processes import REGISTRATION
from tests.image.given import USER
from tests.image.podman import needed
from tests.image.pods import Pods, running_pods

ADA = Person("Ada", "Lovelace", "ada@example.com")
STOPS = 3
PATIENCE = 5
DEPLOYMENTS = [
    *(
        f"{s}-{r}"
        for s in ("provisioning", "activation", "notifier", "sessions")
        for r in ("api", "worker")
    ),
    "portal-api",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pods(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pods]:
    needed()
    async with running_pods(tmp_path_factory.mktemp("pods")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def client(pods: Pods) -> AsyncIterator[Client]:
    async with pods.client() as http:
        client = Client(http)
        await client.command("/api/v1/organizations", REGISTRATION, once="registration")
        await client.sign_in("ada@example.com", "correct horse battery")
        yield client


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_pod_may_do_nothing_but_its_work(deployment: str, pods: Pods) -> None:
    running = pods.container(deployment)
    status = running.status
    assert {status[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["Uid"].split() == [str(USER)] * 4
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "Read-only file system" in running.python("open('/app/x', 'w')").stderr
    assert running.python("open('/tmp/x', 'w')").returncode == 0


@pytest.mark.asyncio(loop_scope="module")
async def test_a_person_gets_a_softphone_from_nine_pods(pods: Pods, client: Client) -> None:
    told = await tell(client, ADA, new_run(), lambda _: None)
    assert told.configuration["accounts"][0]["enabled"]


# The stand-in for MongoDB hangs at a bulk of a hundred writes: little may wait for the worker.
@pytest.mark.parametrize(
    ("deployment", "clients", "pause"),
    [("provisioning-api", 4, 0.0), ("provisioning-worker", 1, 0.5)],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_pod_stopped_under_load_loses_nothing_and_doubles_nothing(
    deployment: str, clients: int, pause: float, pods: Pods, client: Client
) -> None:
    acknowledged, stopping = list[str](), asyncio.Event()
    load = [
        asyncio.create_task(_commands(client, acknowledged, stopping, pause))
        for _ in range(clients)
    ]
    for _ in range(STOPS):
        await asyncio.sleep(2)
        status, seconds = await asyncio.to_thread(pods.container(deployment).stop)
        assert status == 0, pods.container(deployment).log[-2000:]
        assert seconds < 40
        await asyncio.to_thread(pods.container(deployment).start)
        await pods.ready(deployment)
    stopping.set()
    await asyncio.gather(*load)
    found = await _names(client)
    print(f"{deployment}: {len(acknowledged)} acknowledged, last stop {seconds:.1f} s")
    assert len(acknowledged) > 20
    assert sorted(name for name in found if name in acknowledged) == sorted(acknowledged)


_NUMBERS = count()


async def _commands(
    client: Client, acknowledged: list[str], stopping: asyncio.Event, pause: float
) -> None:
    while not stopping.is_set():
        name = f"Person{next(_NUMBERS)}"
        emails = [{"address": f"{name}@example.com".lower(), "label": "work"}]
        body = {"first_name": name, "last_name": "Example", "emails": emails}
        # A pod of one replica may be away for longer than the client is patient: the same again.
        for _ in range(PATIENCE):
            with suppress(Unreachable):
                await client.command("/api/v1/contacts", body, once=f"{name} {id(acknowledged)}")
                acknowledged.append(name)
                break
        await asyncio.sleep(pause)


async def _names(client: Client) -> list[str]:
    names, cursor = list[str](), ""
    while True:
        page = await client.read(f"/api/v1/contacts?limit=200{cursor}")
        names += [contact["first_name"] for contact in page["items"]]
        if page["next"] is None:
            return names
        cursor = f"&cursor={page['next']}"
