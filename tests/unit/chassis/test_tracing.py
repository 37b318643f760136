"""Traces go on from request to event to consumer, and hold no secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from litestar.testing import AsyncTestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Tracer
from prometheus_client import CollectorRegistry

from chassis import tracing
from chassis.observing.metrics import Metrics
from chassis.testing.http import BASE_URL, HttpFakes
from chassis.web.observation import observed
from tests.unit.chassis.demo import demo

TRACE = "0af7651916cd43dd8448eb211c80319c"
ARRIVED = f"00-{TRACE}-b7ad6b7169203331-01"


@contextmanager
def recording() -> Iterator[tuple[Tracer, InMemorySpanExporter]]:
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider.get_tracer("test"), exporter
    provider.shutdown()


def test_outside_of_any_trace_there_is_no_traceparent() -> None:
    assert tracing.traceparent() is None
    assert tracing.trace_ids() == {}


def test_switched_off_a_trace_is_passed_on_all_the_same() -> None:
    with tracing.attached(ARRIVED, "on_device_created"):
        assert tracing.traceparent() == ARRIVED
        assert tracing.trace_ids()["trace_id"] == TRACE
    assert tracing.traceparent() is None


@pytest.mark.parametrize("arrived", [None, "", "nonsense", "00-0-0-00"])
def test_what_is_no_traceparent_starts_no_trace(arrived: str | None) -> None:
    with tracing.attached(arrived, "on_device_created"):
        assert tracing.traceparent() is None


def test_a_consumer_continues_the_trace_it_was_given() -> None:
    with recording() as (tracer, exporter):
        with tracing.attached(ARRIVED, "on_device_created", tracer=tracer):
            current = tracing.traceparent()
        (span,) = exporter.get_finished_spans()
    assert current is not None
    assert current.split("-")[1] == TRACE
    assert current != ARRIVED
    assert (span.name, span.kind) == ("on_device_created", SpanKind.CONSUMER)
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"


def test_a_failure_is_marked_but_its_text_is_not_recorded() -> None:
    with recording() as (tracer, exporter):
        with (
            pytest.raises(ValueError, match="hunter2"),
            tracing.attached(None, "on_device_created", tracer=tracer),
        ):
            raise ValueError("hunter2")
        (span,) = exporter.get_finished_spans()
    assert not span.status.is_ok
    assert "hunter2" not in span.to_json()


async def span_of_request(path: str, **headers: str) -> ReadableSpan:
    app = HttpFakes().app(demo)
    with recording() as (tracer, exporter):
        outermost = Metrics(CollectorRegistry())
        app.asgi_handler = observed(app.asgi_handler, "demo", outermost, tracer)
        async with AsyncTestClient(app, BASE_URL, raise_server_exceptions=False) as client:
            await client.get(path, headers=headers)
        (span,) = exporter.get_finished_spans()
    return span


async def test_a_request_is_a_span_named_by_its_route_without_what_stands_in_the_path() -> None:
    span = await span_of_request("/api/v1/public/fail/planted?code=planted", traceparent=ARRIVED)
    assert (span.name, span.kind) == ("GET /api/v1/public/fail/{how}", SpanKind.SERVER)
    assert not span.status.is_ok
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/public/fail/{how}",
        "http.response.status_code": 500,
        "switchboard.service": "demo",
    }
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert "planted" not in span.to_json()


def test_without_an_endpoint_nothing_is_set_up() -> None:
    with tracing.exported("demo", environment={}), tracing.attached(None, "anything") as span:
        assert not span.is_recording()
