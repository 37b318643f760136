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


async def test_two_replicas_of_the_portal_know_the_same_browser(tmp_path: Path) -> None:
    async with _services(tmp_path) as urls:
        async with httpx.AsyncClient(base_url=urls["sessions"]) as http:
            await Client(http).command("/api/v1/organizations", REGISTRATION)
        first = await _signed_in(urls["portal"])
        async with httpx.AsyncClient(base_url=urls["portal again"]) as http:
            other = await http.get("/home", headers=first)
            nobody = await http.get("/home", headers={"Accept": "text/html"})
            metrics = await http.get("/metrics")
    assert other.status_code == 200
    assert "ada@example.com" in other.text
    assert nobody.headers["location"] == "/sign-in?to=%2Fhome"
    assert 'service="portal"' in metrics.text


async def _signed_in(url: str) -> dict[str, str]:
    """The headers of a browser after the form. Over plain HTTP, httpx would keep no cookie."""
    async with httpx.AsyncClient(base_url=url) as http:
        page = await http.get("/sign-in", headers={"Accept": "text/html"})
        machine = page.headers["set-cookie"].partition(";")[0]
        token = page.text.split('name="_token" value="')[1].partition('"')[0]
        who = {"user_id": "ada@example.com", "password": "correct horse battery"}
        answer = await http.post("/sign-in", data={"_token": token, **who}, headers=_as(machine))
    assert answer.status_code == 303, answer.text
    given = [one.partition(";")[0] for one in answer.headers.get_list("set-cookie")]
    return _as(machine, *given)


def _as(*cookies: str) -> dict[str, str]:
    return {"Cookie": "; ".join(cookies), "Accept": "text/html"}


@asynccontextmanager
async def _services(folder: Path) -> AsyncIterator[dict[str, str]]:
    keys = create_missing(folder / "keys", SERVICES)
    async with nats_server(folder / "nats", Topology.load(), port=-1) as server:
        environment = _environment(folder, server.url, keys)
        subprocess.run(_command("setup"), env=environment, check=True)  # noqa: ASYNC221 - quick
        with ExitStack() as stack:
            urls: dict[str, str] = {}
            for service in SERVICES:
                for command, name in (("serve", service), ("work", f"{service} worker")):
                    _start(stack, urls, name, _command(command, service), environment)
            environment |= {f"PORTAL_{one.upper()}_URL": urls[one] for one in SERVICES}
            for name in ("portal", "portal again"):
                _start(stack, urls, name, _command("serve", "portal"), environment)
            for url in urls.values():
                await _ready(url)
            yield urls


def _start(
    stack: ExitStack,
    urls: dict[str, str],
    name: str,
    command: tuple[str, ...],
    environment: dict[str, str],
) -> None:
    port = free_port()
    urls[name] = f"http://127.0.0.1:{port}"
    stack.enter_context(_process(command, {**environment, "SWITCHBOARD_PORT": str(port)}))


def _environment(folder: Path, nats_url: str, keys: Keys) -> dict[str, str]:
    return {
        **os.environ,
        "SWITCHBOARD_DATA": str(folder),
        "SWITCHBOARD_NATS_URL": nats_url,
        "SWITCHBOARD_NATS_SEEDS": str(folder / "nats" / "keys"),
        "SWITCHBOARD_JWKS": str(keys.jwks),
        "SESSIONS_KEYRING": str(keys.keyring("sessions")),
        "SESSIONS_SIGNING_KEY": str(keys.signing),
        "SESSIONS_JWKS": str(keys.jwks),
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
