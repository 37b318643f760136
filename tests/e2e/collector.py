"""An OpenTelemetry collector for tests: takes spans by HTTP and keeps them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One step of a trace."""

    trace: str
    name: str
    id: str
    parent: str


@dataclass
class Collector:
    """What has arrived so far."""

    url: str
    spans: list[Span] = field(default_factory=list)
    raw: bytes = b""

    def trace_with(self, name: str) -> dict[str, Span]:
        """The steps of the newest trace that has a step of this name, by name."""
        found = [span.trace for span in self.spans if span.name == name]
        return {span.name: span for span in self.spans if found and span.trace == found[-1]}

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [
                    Span(s.trace_id.hex(), s.name, s.span_id.hex(), s.parent_span_id.hex())
                    for s in scope.spans
                ]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Collect while the block runs."""
    collector = Collector("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
