"""Requests are counted under bounded labels only, and what may alarm is shown before it does."""

from prometheus_client import CollectorRegistry

from chassis.observing.metrics import Metrics
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR
from tests.unit.chassis.demo import demo

NAME = "switchboard_http_request_seconds_count"


def count(fakes: HttpFakes, method: str, route: str, status: str) -> float | None:
    labels = {"service": "demo", "method": method, "route": route, "status": status}
    return fakes.metrics.registry.get_sample_value(NAME, labels)


async def test_requests_are_counted_by_route_template_and_status_class() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        for desk in ("a", "b", "unknown"):
            await client.get(f"/api/v1/desks/{desk}", headers=fakes.tokens.headers(ADMINISTRATOR))
    assert count(fakes, "GET", "/api/v1/desks/{desk_id}", "2xx") == 2
    assert count(fakes, "GET", "/api/v1/desks/{desk_id}", "4xx") == 1


async def test_made_up_paths_and_methods_make_no_new_series() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        for path in ("/planted-1", "/planted-2"):
            await client.get(path)
            await client.request("BREW", path)
    assert count(fakes, "GET", "unmatched", "4xx") == 2
    assert count(fakes, "other", "unmatched", "4xx") == 2
    assert b"planted" not in fakes.metrics.exposition()


async def test_a_failure_is_counted_as_one() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        await client.get("/api/v1/public/fail/now")
    assert count(fakes, "GET", "/api/v1/public/fail/{how}", "5xx") == 1


async def test_the_metrics_are_served_as_prometheus_text() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        await client.get("/livez")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'route="/livez"' in answer.text


async def test_services_of_one_process_share_one_registry() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as one, fakes.client(demo) as other:
        await one.get("/livez")
        await other.get("/livez")
    assert count(fakes, "GET", "/livez", "2xx") == 2


def test_how_a_service_stands_with_the_broker_is_asked_when_somebody_looks() -> None:
    registry, connected, violations = CollectorRegistry(), True, 0
    Metrics(registry).broker("demo", lambda: connected, lambda: violations)
    connected, violations = False, 3

    def shown(name: str) -> float | None:
        return registry.get_sample_value(f"switchboard_broker_{name}", {"service": "demo"})

    assert (shown("connected"), shown("permission_violations")) == (0, 3)


def test_a_reaction_that_was_never_given_up_is_shown_at_zero() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry).expect_reactions("demo", "NOTES", ["NoteWritten"])
    labels = {"service": "demo", "stream": "NOTES", "event": "NoteWritten", "outcome": "buried"}
    assert registry.get_sample_value("switchboard_reaction_seconds_count", labels) == 0
