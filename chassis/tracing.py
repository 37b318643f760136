"""Traces over HTTP and events. Switched on by OTEL_EXPORTER_OTLP_ENDPOINT, else next to free."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"

_propagator = TraceContextTextMapPropagator()
# A proxy: spans are recorded from the moment exported() finds an endpoint.
_tracer = trace.get_tracer("switchboard")


@contextmanager
def exported(name: str, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Send the traces of this process to the endpoint of the environment, if it names one.

    The last spans are sent when the block ends.
    """
    if not environment.get(ENDPOINT_VARIABLE):
        yield
        return
    provider = _provider(name)
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def _provider(name: str) -> "TracerProvider":
    # Two thirds of what this module would take to import, and most processes trace nothing.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - heavy
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - heavy
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - heavy
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - heavy

    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def traceparent() -> str | None:
    """The current span as a W3C traceparent, None outside of any trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def attached(
    traceparent: str | None,
    name: str,
    *,
    kind: SpanKind = SpanKind.CONSUMER,
    tracer: Tracer | None = None,
) -> Iterator[Span]:
    """A span that continues the trace something arrived with. Exception texts are not recorded."""
    with (tracer or _tracer).start_as_current_span(
        name,
        context=_continued(traceparent),
        kind=kind,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def trace_ids() -> dict[str, str]:
    """Ids of the current trace and span for a log line, empty outside of any trace."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
    }


def _continued(traceparent: str | None) -> Context | None:
    return _propagator.extract({"traceparent": traceparent}) if traceparent else None
