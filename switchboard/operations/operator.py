"""What every operator's command works with: the broker as `ops`, the logs, the read models."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.nats_process import nats_server
from chassis.jetstream.nkeys import existing_seed
from chassis.jetstream.passing_feed import PassingFeed
from chassis.jetstream.topology import Topology
from chassis.read_models import ReadModelStore
from chassis.settings import WrongSettings
from switchboard.catalogue import BLUEPRINTS
from switchboard.operations.shown import Shown
from switchboard.settings import Settings
from switchboard.stores import read_model_store

API = "$JS.API"
OPS = "ops"
CONNECT_SECONDS = 10.0


@dataclass
class Operator:
    """Connects on first use, as `ops` unless a command says as whom; closed by `operating`."""

    settings: Settings
    shown: Shown
    topology: Topology
    stack: AsyncExitStack
    _connections: dict[str, Connection] = field(default_factory=dict)
    _read_models: dict[str, ReadModelStore] = field(default_factory=dict)

    async def connected(self, user: str = OPS) -> Connection:
        """A connection to the broker. Raises `WrongSettings`, `SeedMissing`."""
        if user not in self._connections:
            self._connections[user] = await self._connect(user)
        return self._connections[user]

    def keyring(self, service: str) -> Path:
        """Where the keys of a service's keyed hashes are."""
        chosen = os.environ.get(BLUEPRINTS[service].settings.variable("keyring"))
        return Path(chosen) if chosen else self.settings.data / "keys" / f"{service}-keyring.json"

    async def start_broker(self) -> None:
        """Start the broker of this machine's data folder, if there is none to be had."""
        if self.settings.nats_url is None and not _ports(self.settings):
            folder = self.settings.data / "nats"
            server = nats_server(folder, self.topology, port=-1)
            await self.stack.enter_async_context(server)

    async def read_models(self, service: str) -> ReadModelStore:
        """The read models of a service, not opened yet."""
        if service not in self._read_models:
            self._read_models[service] = await self.stack.enter_async_context(
                read_model_store(self.settings.store_of(service), self.settings.data, service)
            )
        return self._read_models[service]

    async def log(self, service: str) -> JetStreamEventStore:
        """The log of a service, to load aggregates from."""
        stream = self.topology.stream_of(service)
        return JetStreamEventStore(await self.connected(), service, stream, api_prefix=API)

    async def direct(self, stream: str) -> DirectGet:
        """Messages of a stream by subject."""
        return DirectGet(Inbox(await self.connected()), API, stream)

    async def feed(self, stream: str, *filters: str) -> PassingFeed:
        """A stream in order, or the part of it whose subjects match."""
        feed = PassingFeed(await self.connected(), stream, filters or (">",))
        self.stack.push_async_callback(feed.close)
        return feed

    async def _connect(self, user: str) -> Connection:
        url = self.settings.nats_url or _own_broker(self.settings)
        seeds = self.settings.nats_seeds or self.settings.data / "nats" / "keys"
        seed = existing_seed(seeds, user)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                nc = await connect(url, user, seed)
        except TimeoutError:
            raise WrongSettings(
                f"No broker lets {user} in at {url}. See whether it runs, whether "
                "SWITCHBOARD_NATS_URL is right, and whether it knows the key in "
                f"{seed}."
            ) from None
        self.stack.push_async_callback(nc.close)
        return nc


@asynccontextmanager
async def operating(settings: Settings, shown: Shown) -> AsyncIterator[Operator]:
    """An operator until the block ends."""
    async with AsyncExitStack() as stack:
        # Else what is restored into a cluster would be kept by one server of it.
        topology = Topology.load().with_replicas(settings.stream_replicas)
        yield Operator(settings, shown, topology, stack)


def chosen_services(service: str | None) -> tuple[str, ...]:
    """The one that was named, else all. Raises `WrongSettings`."""
    if service is None:
        return tuple(BLUEPRINTS)
    if service not in BLUEPRINTS:
        raise WrongSettings(
            f"There is no service {service}. Choose one of: {', '.join(BLUEPRINTS)}."
        )
    return (service,)


def _own_broker(settings: Settings) -> str:
    """Where the broker of a running `switchboard up` listens."""
    for ports in _ports(settings):
        url: str = json.loads(ports.read_text())["nats"][0]
        return url
    raise WrongSettings(
        "There is no running product here. Start `switchboard up` with the same SWITCHBOARD_DATA, "
        "or set SWITCHBOARD_NATS_URL and SWITCHBOARD_NATS_SEEDS."
    )


def _ports(settings: Settings) -> list[Path]:
    return list((settings.data / "nats").glob("nats-server_*.ports"))
