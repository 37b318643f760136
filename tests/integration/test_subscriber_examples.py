"""The examples of docs/subscribing.md, in three languages, remember what the log says."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from chassis.jetstream.nats_connection import Connection
from chassis.testing.eventually import eventually
from chassis.testing.nats_server import RunningNats, running_nats
from tests.integration.test_subscribers import DURABLE, subscribed
from tests.npm import npm_ci

EXAMPLES = Path(__file__).parents[2] / "examples/subscribers"
GOLDEN = Path(__file__).parents[2] / "schemas/examples/provisioning/v1"
SECONDS = 120
DEVICES = 150

Command = list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNats]:
    async with running_nats(tmp_path_factory.mktemp("nats"), subscribed()) as server:
        yield server


@pytest_asyncio.fixture
async def provisioning(nats: RunningNats) -> AsyncIterator[Connection]:
    await nats.wipe()
    async with nats.connected("provisioning") as connection:
        yield connection


async def with_nats_py(_: Path, state: Path) -> Command:
    return [sys.executable, str(EXAMPLES / "python/with_nats_py.py"), str(state)]


async def with_faststream(_: Path, state: Path) -> Command:
    os.environ["STATE_FILE"] = str(state)
    folder = str(EXAMPLES / "python")
    return [sys.executable, "-m", "faststream", "run", "--app-dir", folder, "with_faststream:app"]


async def with_node(folder: Path, state: Path) -> Command:
    installed = await asyncio.to_thread(npm_ci, "examples/subscribers/node", folder)
    return ["node", str(installed / "subscriber.mjs"), str(state)]


async def with_go(folder: Path, state: Path) -> Command:
    if not shutil.which("go"):
        pytest.skip("there is no go here")
    build = ("go", "build", "-o", str(folder / "subscriber"), ".")
    process = await asyncio.create_subprocess_exec(
        *build, cwd=EXAMPLES / "go", stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode:
        pytest.skip(f"go could not build it: {errors.decode()[-200:]}")
    return [str(folder / "subscriber"), str(state)]


def event(kind: str, device: str, version: int, **data: object) -> tuple[str, bytes]:
    """An event as it stands in the log, with another device in it."""
    golden: dict[str, Any] = json.loads((GOLDEN / f"{kind}.json").read_text())
    golden |= {"id": str(uuid4()), "subject": f"device/{device}", "version": version}
    golden["data"] |= {"device_id": device, **data}
    subject = f"evt.provisioning.{golden['organization']}.device.{device}.{version}.{kind}"
    return subject, json.dumps(golden).encode()


def story(number: int, device: str) -> list[tuple[str, bytes]]:
    """What happens to one device; what is true of it in the end stands in `remembered`."""
    told = [
        event("DeviceCreated", device, 1, name=f"Phone {number}"),
        event("DeviceRenamed", device, 2, name=f"Téléphone {number}"),
        event("DeviceConfigurationChanged", device, 3),
        event("DeviceDeactivated", device, 4),
    ]
    return [*told, event("DeviceRemoved", device, 5)] if number % 3 == 0 else told


def remembered(devices: dict[int, str]) -> dict[str, Any]:
    kept = {number: device for number, device in devices.items() if number % 3}
    versions = {f"device/{d}": 4 if n in kept else 5 for n, d in devices.items()}
    facts = {d: {"name": f"Téléphone {n}", "accounts": 2, "active": False} for n, d in kept.items()}
    return {"versions": versions, "devices": facts}


async def publish(nc: Connection, events: list[tuple[str, bytes]]) -> None:
    js = nc.jetstream(prefix="JSP")
    for subject, content in events:
        await js.publish(subject, content)


class Subscriber:
    """One run of an example."""

    def __init__(self, command: Command, nats: RunningNats) -> None:
        self._command = command
        seed = nats.server.seed("wallboard")
        self._environment = {**os.environ, "NATS_URL": nats.url, "NATS_SEED": str(seed)}

    async def until(self, done: Callable[[], bool]) -> None:
        """Run it until then, then kill it."""
        process = await asyncio.create_subprocess_exec(*self._command, env=self._environment)

        async def reached() -> bool:
            assert process.returncode is None
            return done()

        try:
            await eventually(reached, seconds=SECONDS)
        finally:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("language", [with_nats_py, with_faststream, with_node, with_go])
async def test_an_example_remembers_each_event_once_whatever_happens_to_it(
    language: Callable[[Path, Path], Any],
    tmp_path: Path,
    nats: RunningNats,
    provisioning: Connection,
) -> None:
    state = tmp_path / "devices.json"
    subscriber = Subscriber(await language(tmp_path, state), nats)
    devices = {number: str(uuid4()) for number in range(DEVICES)}
    stories = [story(number, device) for number, device in devices.items()]

    def stored() -> Any:
        return json.loads(state.read_text()) if state.exists() else None

    await publish(provisioning, [one for told in stories[:100] for one in told])
    await subscriber.until(state.exists)  # killed in the middle
    await publish(provisioning, [one for told in stories[100:] for one in told])
    await subscriber.until(lambda: bool(stored() == remembered(devices)))
    async with nats.connected("wallboard") as nc:
        await nc.jetstream(prefix="JSP").reset_consumer("PROVISIONING", DURABLE, 1)
    devices[DEVICES + 1] = str(uuid4())
    await publish(provisioning, story(DEVICES + 1, devices[DEVICES + 1]))
    await subscriber.until(lambda: bool(stored() == remembered(devices)))
