"""Each service in processes of its own, as on Kubernetes: one to answer, one to work."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from chassis.jetstream.nats_process import nats_server
from chassis.jetstream.topology import Topology
from switchboard.demo.client import Client
from switchboard.keys import Keys, create_missing
from tests.e2e.product import free_port

SERVICES = ("sessions", "provisioning")
REGISTRATION = {
    "name": "Example",
    "domain": "example.com",
    "administrator": {
        "user_id": "ada",
        "password": "correct horse battery",
        "first_name": "Ada",
        "last_name": "Lovelace",
    },
}


async def test_services_on_their_own_find_each_other_through_the_log_alone(tmp_path: Path) -> None:
    async with _services(tmp_path) as urls:
        async with httpx.AsyncClient(base_url=urls["sessions"]) as http:
            sessions = Client(http)
            await sessions.command("/api/v1/organizations", REGISTRATION)
            await sessions.sign_in("ada@example.com", "correct horse battery")
        async with httpx.AsyncClient(base_url=urls["provisioning"]) as http:
            provisioning = Client(http, sessions._token, sessions._position)
            providers = (await provisioning.read("/api/v1/providers"))["items"]
        async with httpx.AsyncClient(base_url=urls["provisioning worker"]) as http:
            worker = await http.get("/api/v1/providers")
    assert [provider["is_default"] for provider in providers] == [True]
    assert worker.status_code == 404


async def test_the_portal_needs_nothing_but_a_port(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "SWITCHBOARD_DATA": str(tmp_path), "SWITCHBOARD_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    with _process(_command("serve", "portal"), environment):
        await _ready(url)
        async with httpx.AsyncClient(base_url=url) as http:
            page, metrics = await http.get("/activate"), await http.get("/metrics")
    assert page.status_code == 200
    assert 'service="portal"' in metrics.text
    assert _content(tmp_path) == []


def _content(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@asynccontextmanager
async def _services(folder: Path) -> AsyncIterator[dict[str, str]]:
    keys = create_missing(folder / "keys", SERVICES)
    async with nats_server(folder / "nats", Topology.load(), port=-1) as server:
        environment = _environment(folder, server.url, keys)
        subprocess.run(_command("setup"), env=environment, check=True)  # noqa: ASYNC221 - quick
        with ExitStack() as stack:
            urls = {}
            for service in SERVICES:
                for command, name in (("serve", service), ("work", f"{service} worker")):
                    port = free_port()
                    urls[name] = f"http://127.0.0.1:{port}"
                    ported = {**environment, "SWITCHBOARD_PORT": str(port)}
                    stack.enter_context(_process(_command(command, service), ported))
            for url in urls.values():
                await _ready(url)
            yield urls


def _environment(folder: Path, nats_url: str, keys: Keys) -> dict[str, str]:
    return {
        **os.environ,
        "SWITCHBOARD_DATA": str(folder),
        "SWITCHBOARD_NATS_URL": nats_url,
        "SWITCHBOARD_NATS_SEEDS": str(folder / "nats" / "keys"),
        "SWITCHBOARD_JWKS": str(keys.jwks),
        "SESSIONS_KEYRING": str(keys.keyring("sessions")),
        "SESSIONS_SIGNING_KEY": str(keys.signing),
        "PROVISIONING_KEYRING": str(keys.keyring("provisioning")),
        "PROVISIONING_SEALING_KEYS": str(keys.sealing_public),
    }


def _command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "switchboard", *words)


@contextmanager
def _process(command: tuple[str, ...], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


async def _ready(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        async with asyncio.timeout(60):
            while True:
                try:
                    if (await http.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
