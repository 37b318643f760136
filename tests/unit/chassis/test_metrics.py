"""Requests are counted under bounded labels only."""

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
