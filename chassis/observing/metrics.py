"""Prometheus metrics of every process. Labels come from bounded sets only, never ids."""

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)

MEDIA_TYPE = CONTENT_TYPE_LATEST
UNMATCHED = "unmatched"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What HTTP and the broker report to one registry, shared by all services of a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Histogram(
            "switchboard_http_request_seconds",
            "Time from a request's arrival to its complete answer.",
            ("service", "method", "route", "status"),
            registry=registry,
            buckets=_BUCKETS,
        )

        self._connected = Gauge(
            "switchboard_broker_connected",
            "1 while the service is connected to NATS.",
            ("service",),
            registry=registry,
        )
        self._violations = Gauge(
            "switchboard_broker_permission_violations",
            "How often NATS has refused the service something since the process started.",
            ("service",),
            registry=registry,
        )

    def broker(
        self, service: str, connected: Callable[[], bool], violations: Callable[[], int]
    ) -> None:
        """Show how a service stands with NATS, whenever somebody looks."""
        self._connected.labels(service).set_function(connected)
        self._violations.labels(service).set_function(violations)

    def request(self, service: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is a template with its parameters' names, never a path."""
        known = method if method in _METHODS else "other"
        self._requests.labels(service, known, route, f"{status // 100}xx").observe(seconds)

    def exposition(self) -> bytes:
        """Everything in the registry, in Prometheus' text format."""
        return generate_latest(self.registry)
