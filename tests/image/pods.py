"""The Deployments of deploy/dist/ as pods of podman, against a real broker on this machine.

Taken out of them is only what podman does not know: projected volumes become folders, probes are
asked from outside, and each gets a port of its own, since all share the network of this machine.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from chassis.jetstream.nats_process import NatsServer, nats_server
from chassis.jetstream.topology import Topology
from chassis.testing.mongo import mongo_server
from chassis.testing.ports import reserved_port
from switchboard.mailbox.smtp import mail_server
from switchboard.up import mailbox_app
from tests.deploy.manifests import Manifest, Manifests, container, pod, title
from tests.deploy.test_generated import routed
from tests.image.given import Given
from tests.image.jobs import run
from tests.image.podman import IMAGE, Container, podman

READY_SECONDS = 120
UNKNOWN_TO_PODMAN = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle")


@dataclass
class Pods:
    """A running installation."""

    mails: Path
    given: Given
    broker: NatsServer
    ports: dict[str, int] = field(default_factory=dict)

    def container(self, deployment: str) -> Container:
        return Container(f"{deployment}-pod-0-switchboard")

    def url(self, deployment: str) -> str:
        return f"http://127.0.0.1:{self.ports[deployment]}"

    async def ready(self, deployment: str) -> None:
        """Wait until the pod says so itself. Raises TimeoutError with what it says instead."""
        said, until = "nothing", time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self.url(deployment)) as http:
            while time.monotonic() < until:
                try:
                    answer = await http.get("/readyz")
                except httpx.TransportError as error:
                    said = type(error).__name__
                else:
                    if answer.status_code == 200:
                        return
                    said = answer.text
                await asyncio.sleep(0.5)
        log = self.container(deployment).log[-3000:]
        raise TimeoutError(f"{deployment} is not ready: {said}\n{log}")

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=Gateway(self), base_url="http://localhost", timeout=10)


class Gateway(httpx.AsyncBaseTransport):
    """Sends a request to the pod that the generated routes name."""

    def __init__(self, pods: Pods) -> None:
        self._pods = pods
        self._network = httpx.AsyncHTTPTransport()
        mailbox: Any = mailbox_app(pods.mails)
        self._mailbox = httpx.ASGITransport(mailbox)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/dev/mailbox"):
            return await self._mailbox.handle_async_request(request)
        port = self._pods.ports[f"{routed(request.url.path)}-api"]
        request.url = request.url.copy_with(host="127.0.0.1", port=port)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@asynccontextmanager
async def running_pods(folder: Path) -> AsyncIterator[Pods]:
    topology = Topology.load()
    async with AsyncExitStack() as stack:
        given = Given.made(folder / "given", stack.enter_context(mongo_server()))
        (folder / "nats").mkdir()
        shutil.copytree(given.folder / "nats", folder / "nats" / "keys")
        server = await stack.enter_async_context(nats_server(folder / "nats", topology, port=-1))
        pods = Pods(folder / "mails", given, server)
        smtp = await stack.enter_async_context(mail_server(pods.mails))
        found = Manifests.rendered("install-dev")
        for deployment in found.deployments():
            name = deployment["metadata"]["name"]
            pods.ports[name] = reserved_port()
        given.environment |= _environment(pods, server.url, smtp)
        (setup,) = found.of("Job")
        status, told = await asyncio.to_thread(
            run, given, setup["metadata"]["name"], of="install-dev"
        )
        assert status == 0, told
        for deployment in found.deployments():
            stack.enter_context(_played(_podmanly(deployment, pods, found)))
        for name in pods.ports:
            await pods.ready(name)
        yield pods


def _environment(pods: Pods, nats_url: str, smtp_port: int) -> dict[str, str]:
    return {
        "SWITCHBOARD_NATS_URL": nats_url,
        "SWITCHBOARD_JWKS": f"{pods.url('sessions-api')}/.well-known/jwks.json",
        "NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NOTIFIER_SMTP_PORT": str(smtp_port),
        "SESSIONS_PASSWORD_MEMORY_KIB": "1024",
    }


def _podmanly(deployment: Manifest, pods: Pods, found: Manifests) -> list[Manifest]:
    changed = deepcopy(deployment)
    name = changed["metadata"]["name"]
    inner, spec = container(changed), pod(changed)
    inner["image"] = IMAGE
    inner["imagePullPolicy"] = "Never"
    for word in (*UNKNOWN_TO_PODMAN, "ports"):
        del inner[word]
    # Podman does not put variables into arguments.
    service = next(e["value"] for e in inner["env"] if e["name"] == "SERVICE")
    inner["args"] = [service if word == "$(SERVICE)" else word for word in inner["args"]]
    pods.given.mount(spec)
    return [pods.given.settings(found, SWITCHBOARD_PORT=str(pods.ports[name])), changed]


@contextmanager
def _played(manifests: list[Manifest]) -> Iterator[None]:
    text = yaml.safe_dump_all(manifests)
    done = podman("play", "kube", "--network", "host", "-", check=False, give=text)
    assert done.returncode == 0, f"{title(manifests[-1])}: {done.stderr}"
    try:
        yield
    finally:
        podman(
            "pod",
            "rm",
            "--force",
            "--time",
            "5",
            f"{manifests[-1]['metadata']['name']}-pod-0",
            check=False,
        )
