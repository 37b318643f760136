"""HTTP for operators: the three probes and the metrics."""

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from chassis.observing.health import Health, Report
from chassis.observing.metrics import MEDIA_TYPE, Metrics


class OperationsController(Controller):
    """Answered without sign-in: an ingress must not route these paths."""

    include_in_schema = False

    @get("/livez")
    async def live(self, health: NamedDependency[Health]) -> Response[dict[str, Any]]:
        """Whether the process should be left running."""
        return _probe(health.live())

    @get("/readyz")
    async def ready(self, health: NamedDependency[Health]) -> Response[dict[str, Any]]:
        """Whether requests should come here."""
        return _probe(await health.ready())

    @get("/startupz")
    async def startup(self, health: NamedDependency[Health]) -> Response[dict[str, Any]]:
        """Whether the process has finished starting."""
        return _probe(health.startup())

    @get("/metrics")
    async def metrics(self, metrics: NamedDependency[Metrics]) -> Response[bytes]:
        """Everything that is counted."""
        return Response(metrics.exposition(), media_type=MEDIA_TYPE)


def _probe(report: Report) -> Response[dict[str, Any]]:
    status = "ok" if report.passed else "failed"
    content: dict[str, Any] = {"status": status, "failed": report.failed}
    if report.warnings:
        content["warnings"] = report.warnings
    return Response(content, status_code=200 if report.passed else 503)
