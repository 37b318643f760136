"""A running `switchboard up` that tests can kill, stop and start again on the same data."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chassis.testing.eventually import eventually
from chassis.testing.ports import reserved_port
from switchboard.demo.client import Client
from switchboard.demo.organization import DemoOrganization
from tests.patient import http_to

START_SECONDS, STOP_SECONDS = 180, 60
DOWNTIME_SECONDS = 300
"""For how long a client waits for a product that is killed and started again and again."""
GREETING = "greeting.txt"
"""What `switchboard up` tells the person who started it; it shows the demo password."""


@dataclass
class Product:
    """The product as a person runs it: one command, one data folder, one port."""

    data: Path
    store: str = "sqlite"
    port: int = field(default_factory=reserved_port)
    more: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "product.log"

    async def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log, (self.data / GREETING).open("ab") as greeting:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - killed by pid, and starting is quick
                [sys.executable, "-m", "switchboard", "up"],
                stdout=greeting,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        await self.ready()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SWITCHBOARD_PORT": str(self.port),
            "SWITCHBOARD_DATA": str(self.data),
            "SWITCHBOARD_STORE": self.store,
            "PYTHONWARNINGS": "default",
            **self.more,
        }

    async def ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        async with http_to(self.url) as http:
            while time.monotonic() < deadline:
                assert self.process is not None
                assert self.process.poll() is None, self.tail()
                if await _answers(http) and DemoOrganization.kept(self.data):
                    return
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready after {START_SECONDS} s:\n{self.tail()}")

    def kill(self) -> None:
        """As a power cut would: no warning, nothing is finished."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    @asynccontextmanager
    async def administrator(self) -> AsyncIterator[Client]:
        demo = DemoOrganization.kept(self.data)
        assert demo is not None
        async with http_to(self.url) as http:
            client = Client(http, patience_seconds=DOWNTIME_SECONDS)
            await client.sign_in(demo.user_id, demo.password)
            yield client


async def _furnished(product: Product) -> None:
    """Wait for the first provider, which follows from the organization a moment later."""
    async with product.administrator() as client:

        async def a_provider() -> bool:
            return bool((await client.read("/api/v1/providers"))["items"])

        await eventually(a_provider)


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


@asynccontextmanager
async def running(data: Path, store: str = "sqlite", **more: str) -> AsyncIterator[Product]:
    """`more` are settings, by the names of their variables."""
    product = Product(data, store, more=more)
    await product.start()
    try:
        await _furnished(product)
        yield product
    finally:
        if product.process is not None and product.process.poll() is None:
            product.stop()
