"""Fixtures for tests with a real nats-server.

A test module says `pytest_plugins = ["chassis.testing.nats_fixtures"]`, then takes them by name.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from chassis.jetstream.nats_connection import Connection
from chassis.testing.nats_server import RunningNats, running_nats


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNats]:
    """One server for all tests of a module."""
    async with running_nats(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest_asyncio.fixture
async def clients(nats: RunningNats) -> AsyncIterator[dict[str, Connection]]:
    """A connection for every service, by name."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(nats.connected(name))
            for name in nats.topology.services
        }
