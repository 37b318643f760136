"""Composition root of the portal: the only file that knows everything."""

import time
from collections.abc import Sequence
from typing import Any

import httpx
from litestar import Litestar
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import Provide

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.vault import Vault
from chassis.web.observation import observed
from chassis.web.operations import OperationsController
from services.portal.browsers import Browsers
from services.portal.calls import Services
from services.portal.freshness import Freshness, Now
from services.portal.pages import controllers
from services.portal.pages.welcome import Link
from services.portal.protection import check_origin, give_cookies
from services.portal.refusals import HANDLERS
from services.portal.settings import Settings
from services.portal.visits import Door, Visit, visit_of

SERVICE = "portal"
MAX_BODY_BYTES = 17 * 1024 * 1024
"""Somewhat more than the largest file that can be imported."""


def build(
    settings: Settings,
    *,
    vault: Vault,
    http: httpx.AsyncClient,
    health: Health,
    metrics: Metrics,
    nearby: Sequence[Link] = (),
    now: Now = time.time,
) -> Litestar:
    """The pages as an app. `nearby` are links of interest on this machine only."""
    services, browsers = Services(http, settings.service_urls), Browsers(vault)
    door = Door(services, browsers, Freshness(browsers, services, now))
    provided = {"settings": settings, "nearby": tuple(nearby), "health": health, "metrics": metrics}
    app = Litestar(
        [*controllers, OperationsController],
        dependencies={
            "visit": Provide(_visit),
            **{name: _constant(value) for name, value in provided.items()},
        },
        state=State({"door": door}),
        before_request=check_origin,
        before_send=[give_cookies],
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = observed(app.asgi_handler, SERVICE, metrics)
    return app


async def _visit(request: Request[Any, Any, Any]) -> Visit:
    return await visit_of(request)


def _constant(value: object) -> Provide:
    def provide() -> object:
        return value

    return Provide(provide, sync_to_thread=False)
