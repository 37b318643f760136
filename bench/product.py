"""`switchboard up` as a person runs it, in a folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bench.processes import Program, free_port, running
from switchboard.demo.client import Client
from switchboard.demo.organization import DemoOrganization


@asynccontextmanager
async def product(data: Path, **environment: str) -> AsyncIterator[Program]:
    """Run it until the block ends; it is ready then."""
    port = free_port()
    settings = {"SWITCHBOARD_PORT": str(port), "SWITCHBOARD_DATA": str(data), **environment}
    log = data.with_suffix(".log")
    async with running(["switchboard", "up"], port, log, "/readyz", settings) as program:
        yield program


@asynccontextmanager
async def administrator(program: Program, data: Path) -> AsyncIterator[Client]:
    """Signed in at the demo organization."""
    demo = DemoOrganization.kept(data)
    if demo is None:
        raise FileNotFoundError(f"{data} holds no demo organization")
    async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
        # Registered after the product is ready: signing up again changes nothing.
        await demo.register(client := Client(http))
        await client.sign_in(demo.user_id, demo.password)
        yield client
