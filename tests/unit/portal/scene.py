"""The portal's pages as a browser gets them."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient
from prometheus_client import CollectorRegistry

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from services.portal.app import build
from services.portal.pages import Link
from services.portal.settings import Settings


def portal(nearby: Sequence[Link] = (), **settings: Any) -> Litestar:
    metrics = Metrics(CollectorRegistry())
    return build(Settings(**settings), health=Health(), metrics=metrics, nearby=nearby)


async def text(path: str, nearby: Sequence[Link] = (), **settings: Any) -> str:
    async with AsyncTestClient(portal(nearby, **settings)) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return str(answer.text)
