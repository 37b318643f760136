"""The portal as a browser gets it, in front of services whose answers a test writes."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import AsyncTestClient
from prometheus_client import CollectorRegistry

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.testing.vault import MemoryVault
from services.portal.app import build
from services.portal.pages.welcome import Link
from services.portal.settings import Settings

HTML = {"Accept": "text/html"}
NOBODY = {"detail": "There is nothing under this id.", "status": 404}


@dataclass
class Scripted(httpx.AsyncBaseTransport):
    """Services that answer what they are told, by method and path, and remember what was asked."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        # Others have a turn meanwhile, as when an answer is waited for.
        await asyncio.sleep(0)
        self.asked.append(request)
        answer = self.answers.get(f"{request.method} {request.url.path}", (404, NOBODY))
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        if content is None:
            return httpx.Response(status)
        return httpx.Response(status, json=content)


def portal(
    nearby: Sequence[Link] = (), services: Scripted | None = None, **settings: Any
) -> Litestar:
    return build(
        Settings(**settings),
        vault=MemoryVault(),
        http=httpx.AsyncClient(transport=services or Scripted()),
        health=Health(),
        metrics=Metrics(CollectorRegistry()),
        nearby=nearby,
    )


def browser(app: Litestar) -> AsyncTestClient[Litestar]:
    """A browser on a page with HTTPS: without, it would send no `__Host-` cookie."""
    return AsyncTestClient(app, base_url="https://portal.example")


async def text(path: str, nearby: Sequence[Link] = (), **settings: Any) -> str:
    async with browser(portal(nearby, **settings)) as client:
        answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200
    return str(answer.text)
