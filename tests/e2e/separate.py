"""Services in processes of their own, on one broker, and each of them can be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chassis.cause import new_id
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nats_process import NatsServer, nats_server
from chassis.jetstream.topology import Topology
from chassis.testing.ports import reserved_port
from switchboard.keys import Keys, create_missing
from tests.patient import http_to

START_SECONDS, STOP_SECONDS = 180, 60
SWITCHBOARD, DOOMED = "switchboard", "tests.e2e.doomed"


@dataclass
class Process:
    """One `switchboard` command, on a port of its own."""

    words: tuple[str, ...]
    environment: dict[str, str]
    program: str = SWITCHBOARD
    port: int = field(default_factory=reserved_port)
    running: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def doom(self) -> Path:
        return Path(self.environment["SWITCHBOARD_DATA"]) / f"doom-{self.port}"

    def start(self) -> None:
        own = {"SWITCHBOARD_PORT": str(self.port), "DOOM": str(self.doom)}
        self.running = subprocess.Popen(
            (sys.executable, "-m", self.program, *self.words), env={**self.environment, **own}
        )

    def terminate(self) -> None:
        """Ask it to end, as Kubernetes does."""
        assert self.running is not None
        self.running.terminate()

    def stop(self) -> None:
        """End it."""
        self.terminate()
        self.ended()

    def ended(self) -> None:
        """Wait until it has ended well."""
        assert self.running is not None
        assert self.running.wait(timeout=STOP_SECONDS) == 0

    def go_on(self) -> None:
        """After it was stopped."""
        assert self.running is not None
        self.running.send_signal(signal.SIGCONT)

    async def ready(self) -> None:
        async with http_to(self.url) as http:
            for _ in range(START_SECONDS * 10):
                if await _answers(http):
                    return
                await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.words} is not ready after {START_SECONDS} s")

    async def revived(self) -> None:
        """Start it again after it was killed."""
        assert self.running is not None
        assert await asyncio.to_thread(self.running.wait) == -signal.SIGKILL
        self.start()
        await self.ready()

    def die(
        self, left: int, when: str, victim: int = 0, sent: signal.Signals = signal.SIGKILL
    ) -> None:
        """After so many more writes it, or another victim, is killed."""
        self.doom.with_suffix(".steps").unlink(missing_ok=True)
        order = {"left": left, "when": when, "victim": victim, "signal": sent, "id": new_id()}
        made = self.doom.with_suffix(".new")
        made.write_text(json.dumps(order))
        made.replace(self.doom)

    def spared(self) -> list[str]:
        """Nothing is to die any more; the writes that there were."""
        self.doom.unlink(missing_ok=True)
        steps = self.doom.with_suffix(".steps")
        return steps.read_text().split() if steps.exists() else []


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Broker:
    """A NATS server that comes back on its own data and port after it was killed."""

    folder: Path
    port: int = field(default_factory=reserved_port)
    server: NatsServer | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def pid(self) -> int:
        assert self.server is not None
        return self.server.pid

    @property
    def seeds(self) -> Path:
        return self.folder / "keys"

    async def start(self) -> None:
        self.server = await self._stack.enter_async_context(
            nats_server(self.folder, Topology.load(), port=self.port)
        )

    async def stop(self) -> None:
        await self._stack.aclose()

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    async def revived(self) -> None:
        """Start it again after it was killed."""
        await self.stop()
        await self.start()

    @asynccontextmanager
    async def connected(self, user: str) -> AsyncIterator[Connection]:
        nc = await connect(f"nats://127.0.0.1:{self.port}", user, self.seeds / f"{user}.nk")
        try:
            yield nc
        finally:
            await nc.close()


@dataclass
class Installation:
    """A broker that is set up, and the processes started so far."""

    folder: Path
    broker: Broker
    keys: Keys
    settings: dict[str, str]
    processes: list[Process] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SWITCHBOARD_DATA": str(self.folder),
            "SWITCHBOARD_NATS_URL": f"nats://127.0.0.1:{self.broker.port}",
            "SWITCHBOARD_NATS_SEEDS": str(self.broker.seeds),
            "SWITCHBOARD_JWKS": str(self.keys.jwks),
            **self.settings,
        }

    def process(self, *words: str, program: str = SWITCHBOARD) -> Process:
        """Start a command; it is ready a while later."""
        one = Process(words, self.environment, program)
        one.start()
        self.processes.append(one)
        return one

    async def all_ready(self) -> None:
        for one in self.processes:
            await one.ready()


@asynccontextmanager
async def installation(
    folder: Path, *services: str, **settings: str
) -> AsyncIterator[Installation]:
    """Set everything up for these services; `settings` are variables of all processes."""
    keys = create_missing(folder / "keys", services)
    broker = Broker(folder / "nats")
    await broker.start()
    here = Installation(folder, broker, keys, settings)
    try:
        setup = here.process("setup")
        assert setup.running is not None
        assert await asyncio.to_thread(setup.running.wait) == 0
        here.processes.remove(setup)
        yield here
    finally:
        for process in here.processes:
            process.terminate()
        for process in here.processes:
            process.ended()
        await broker.stop()
