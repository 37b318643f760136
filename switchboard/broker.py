"""A connection to the broker as one of its users, and whether it is all right."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from chassis.jetstream import setup
from chassis.jetstream.accounts import API_PREFIX
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nkeys import existing_seed
from chassis.jetstream.topology import Topology
from chassis.observing.health import Health

CONNECT_SECONDS = 30.0
CHECKED_EVERY_SECONDS = 2.0


async def connected(stack: AsyncExitStack, user: str, url: str, seeds: Path) -> Connection:
    """Connect until the stack unwinds. Raises `TimeoutError` after half a minute."""
    async with asyncio.timeout(CONNECT_SECONDS):
        nc = await connect(url, user, existing_seed(seeds, user))
    stack.push_async_callback(nc.close)
    return nc


def report_broker(health: Health, topology: Topology, service: str, nc: Connection) -> None:
    """Let readiness depend on the connection, and on what the service needs on the broker."""

    async def broker() -> str | None:
        if not nc.is_connected:
            return "Not connected to NATS. See whether the broker runs; we reconnect by ourselves."
        if nc.permission_violations:
            return "NATS refused a permission. Apply deploy/nats/accounts.conf and start us anew."
        problems = await setup.problems(nc, topology, service, API_PREFIX)
        return " ".join(problems) or None

    health.check(f"{service}-broker", broker, cached_seconds=CHECKED_EVERY_SECONDS)
