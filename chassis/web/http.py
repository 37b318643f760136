"""Turns a service into an HTTP app that behaves like all the others."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Litestar, MediaType, Response, get
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from typing_extensions import is_protocol

from chassis import auth
from chassis.cause import Clock, Ids, new_id, system_clock
from chassis.edge import Edges
from chassis.idempotency import Reservations
from chassis.keyring import Keyring
from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.service import Service
from chassis.web.allowed_methods import AllowedMethods
from chassis.web.docs_page import CONTENT_SECURITY_POLICY, docs_page
from chassis.web.observation import observed
from chassis.web.openapi import document, document_path, openapi_config
from chassis.web.openapi_models import ModelSchemas
from chassis.web.operations import OperationsController
from chassis.web.problems import EXCEPTION_HANDLERS
from chassis.web.read_your_writes import AwaitsPosition, mark_stale, wait_for_position
from chassis.web.request_checks import check_body, check_parameters

MAX_BODY_BYTES = 1024 * 1024

AnyRequest = Request[Any, Any, Any]
Check = Callable[[AnyRequest], Awaitable[Response[None] | None]]


def http_app(
    service: Service,
    *,
    verifier: auth.Verifier,
    progress: AwaitsPosition,
    reservations: Reservations,
    keyring: Keyring,
    health: Health,
    metrics: Metrics,
    clock: Clock = system_clock,
    new_id: Ids = new_id,
    version: str = "1",
) -> Litestar:
    """The HTTP side of a service.

    Adds sign-in, the dependencies `principal` and `edge`, problem documents, waiting for a
    position, probes, metrics, traces, and the API's own description.
    """
    allowed = AllowedMethods()
    app = Litestar(
        [*service.controllers, OperationsController, _docs(service.name)],
        dependencies={
            "principal": Provide(auth.principal),
            "edge": Provide(Edges(reservations, keyring, clock, new_id).edge),
            **_provided({"health": health, "metrics": metrics, **service.dependencies}),
        },
        state=State(auth.verified_by(verifier)),
        exception_handlers=EXCEPTION_HANDLERS,
        before_request=_checks(allowed, progress),
        before_send=[mark_stale],
        plugins=[ModelSchemas()],
        openapi_config=openapi_config(service.name, version),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
        debug=False,
    )
    _refuse_unchecked_ports(app)
    allowed.learn(app)
    app.asgi_handler = observed(app.asgi_handler, service.name, metrics)
    return app


def _checks(allowed: AllowedMethods, progress: AwaitsPosition) -> Check:
    """What comes before every handler: whatever is wrong is said before anything is looked up."""

    async def before_request(request: AnyRequest) -> Response[None] | None:
        if answer := allowed.answer(request):
            return answer
        check_parameters(request)
        await check_body(request)
        await wait_for_position(request, progress)
        return None

    return before_request


def _provided(dependencies: Mapping[str, Any]) -> dict[str, Provide]:
    return {
        name: value if isinstance(value, Provide) else _constant(value)
        for name, value in dependencies.items()
    }


def _constant(value: Any) -> Provide:
    def provide() -> Any:
        return value

    return Provide(provide, sync_to_thread=False)


def _refuse_unchecked_ports(app: Litestar) -> None:
    # Litestar would find out at the first request, and answer 500.
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            for field in handler.parsed_fn_signature.parameters.values():
                kind = field.annotation
                if is_protocol(kind) and not getattr(kind, "_is_runtime_protocol", False):
                    raise TypeError(
                        f"Mark {kind.__name__} @runtime_checkable: {handler} takes one."
                    )


def _docs(service: str) -> HTTPRouteHandler:
    @get(f"/{service}/docs", include_in_schema=False, sync_to_thread=False)
    def docs(request: AnyRequest) -> Response[str]:
        page = docs_page(document(request.app), document_path(service))
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return Response(page, media_type=MediaType.HTML, headers=headers)

    return docs
