"""The portal as a part of the product: a bucket on the broker, no log and no read models."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from httpx import ASGITransport, AsyncBaseTransport
from litestar import Litestar
from litestar.types import ASGIApp

from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.jetstream.topology import Topology
from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from services.portal.app import build
from services.portal.calls import FORWARDED_FOR
from services.portal.pages.welcome import Link
from services.portal.settings import Settings
from switchboard.broker import connected, report_broker
from switchboard.catalogue import PORTAL

BUCKET = "browsers"


class SameProcess(AsyncBaseTransport):
    """Calls apps of this process without a socket, for whom the portal says it asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        caller = request.headers.get(FORWARDED_FOR) or "127.0.0.1"
        transport = ASGITransport(self._app, raise_app_exceptions=False, client=(caller, 0))  # type: ignore[arg-type]  # ASGI of another library
        return await transport.handle_async_request(request)


@asynccontextmanager
async def portal_app(
    topology: Topology,
    nats_url: str,
    seeds: Path,
    health: Health,
    metrics: Metrics,
    nearby: Sequence[Link] = (),
    services: ASGIApp | None = None,
) -> AsyncIterator[Litestar]:
    """The pages, as the environment sets them; `services` in this process are called directly.

    Raises `WrongSettings`.
    """
    settings = Settings.load()
    transport = SameProcess(services) if services else None
    async with AsyncExitStack() as stack:
        nc = await connected(stack, PORTAL, nats_url, seeds)
        report_broker(health, topology, PORTAL, nc)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, timeout=settings.call_seconds, trust_env=False)
        )
        vault = JetStreamVault(nc, BUCKET)
        yield build(settings, vault=vault, http=http, health=health, metrics=metrics, nearby=nearby)
