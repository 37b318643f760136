"""The outermost layer of an HTTP app: a span, a measurement and safe headers for every answer."""

import time
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from structlog.contextvars import bound_contextvars

from chassis import tracing
from chassis.observing.metrics import UNMATCHED, Metrics

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""A handler that needs another value sets its own."""


def observed(app: ASGIApp, service: str, metrics: Metrics, tracer: Tracer | None = None) -> ASGIApp:
    """The same app, seen from outside."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = with_safe_headers(message["headers"])
            await send(message)

        method = scope["method"]
        with (
            bound_contextvars(service=service),
            tracing.attached(
                _traceparent(scope), method, kind=SpanKind.SERVER, tracer=tracer
            ) as span,
        ):
            try:
                await app(scope, receive, send_on)
            finally:
                # The path itself may hold a code or a token: only its template is recorded.
                route = scope.get("path_template") or UNMATCHED
                _describe(span, service, method, route, status)
                metrics.request(service, method, route, status, time.perf_counter() - started)

    return handle


def _describe(span: Span, service: str, method: str, route: str, status: int) -> None:
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "switchboard.service": service,
        }
    )
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def with_safe_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and those of ours that are not among them."""
    own = list(headers)
    given = {name.lower() for name, _ in own}
    return [*own, *((name, value) for name, value in _HEADERS.items() if name not in given)]


def _traceparent(scope: Scope) -> str | None:
    found = (value for name, value in scope["headers"] if name == b"traceparent")
    return next(found, b"").decode("latin-1") or None
