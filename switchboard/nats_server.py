"""The broker of a one-machine installation: started with the right accounts, then set up."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from nats.aio.client import Client

from chassis.jetstream import setup
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nats_process import NatsServer, nats_server
from chassis.jetstream.topology import Topology


async def _nothing(_: Client) -> None:
    """Whatever is there is fine."""


@asynccontextmanager
async def embedded_nats(
    directory: Path,
    topology: Topology,
    *,
    port: int = 4222,
    report: Callable[[str], None] = lambda _: None,
    check: Callable[[Client], Awaitable[None]] = _nothing,
) -> AsyncIterator[NatsServer]:
    """Run NATS with its data in the directory until the block ends. Every stream exists then.

    `check` may refuse before any is made.
    """
    async with nats_server(directory, topology, port=port) as server:
        admin = await connect(server.url, "setup", server.seed("setup"))
        try:
            await check(admin)
            await setup.apply(admin, topology, report)
        finally:
            await admin.close()
        yield server
