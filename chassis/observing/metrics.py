"""Prometheus metrics of the HTTP side. Labels come from bounded sets only, never ids."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest

MEDIA_TYPE = CONTENT_TYPE_LATEST
UNMATCHED = "unmatched"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What HTTP reports to one registry, shared by all services of a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Histogram(
            "switchboard_http_request_seconds",
            "Time from a request's arrival to its complete answer.",
            ("service", "method", "route", "status"),
            registry=registry,
            buckets=_BUCKETS,
        )

    def request(self, service: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is a template with its parameters' names, never a path."""
        known = method if method in _METHODS else "other"
        self._requests.labels(service, known, route, f"{status // 100}xx").observe(seconds)

    def exposition(self) -> bytes:
        """Everything in the registry, in Prometheus' text format."""
        return generate_latest(self.registry)
