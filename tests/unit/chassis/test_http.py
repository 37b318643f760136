"""A service's HTTP app as a whole: headers, positions, its own description, no remote assets."""

import re
from collections.abc import AsyncIterator
from typing import Any, Protocol, runtime_checkable

import pytest
from litestar import Controller, Litestar, get
from litestar.di import NamedDependency
from litestar.testing import AsyncTestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.event_store import Position, StoreUnavailable
from chassis.service import Service
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR
from chassis.web.docs_page import docs_page
from tests.unit.chassis.demo import demo

Client = AsyncTestClient[Litestar]
DESKS = "/api/v1/desks"


@pytest.fixture
def fakes() -> HttpFakes:
    return HttpFakes()


@pytest.fixture
async def client(fakes: HttpFakes) -> AsyncIterator[Client]:
    async with fakes.client(demo) as client:
        client.headers.update(fakes.tokens.headers(ADMINISTRATOR))
        yield client


async def test_a_command_answers_with_version_position_and_place(client: Client) -> None:
    answer = await client.post(DESKS, json={"name": "d1"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"3"'
    assert answer.headers["switchboard-position"] == "demo-41"
    assert answer.headers["location"] == "/api/v1/desks/d1"


async def test_a_list_answers_with_items_and_the_next_page(client: Client) -> None:
    assert (await client.get(f"{DESKS}?limit=7")).json() == {"items": ["7"], "next": None}
    assert (await client.get(DESKS)).json()["items"] == ["50"]


@pytest.mark.parametrize(
    "path", [DESKS, f"{DESKS}/unknown", "/nowhere", "/livez", "/api/v1/public/fail/now"]
)
async def test_every_answer_carries_safe_headers(client: Client, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in headers


async def test_a_read_waits_for_the_position_its_caller_has_seen(
    fakes: HttpFakes, client: Client
) -> None:
    answer = await client.get(DESKS, headers={"Switchboard-Position": "other-12"})
    assert fakes.progress.asked == [(Position("other", 12), 2.0)]
    assert "switchboard-stale" not in answer.headers


async def test_a_read_that_could_not_wait_long_enough_says_so(
    fakes: HttpFakes, client: Client
) -> None:
    fakes.progress.reached = False
    answer = await client.get(DESKS, headers={"Switchboard-Position": "demo-12"})
    assert answer.status_code == 200
    assert answer.headers["switchboard-stale"] == "true"
    assert "switchboard-stale" not in (await client.get(DESKS)).headers


async def test_a_read_answers_from_what_it_has_while_the_log_is_away(
    fakes: HttpFakes, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_position: Position, _seconds: float) -> bool:
        raise StoreUnavailable

    monkeypatch.setattr(fakes.progress, "wait_for", away)
    answer = await client.get(DESKS, headers={"Switchboard-Position": "demo-12"})
    assert answer.status_code == 200
    assert answer.headers["switchboard-stale"] == "true"


async def test_a_command_waits_for_no_position(fakes: HttpFakes, client: Client) -> None:
    await client.post(DESKS, json={"name": "d"}, headers={"Switchboard-Position": "demo-12"})
    assert fakes.progress.asked == []


async def test_nobody_waits_who_is_not_signed_in(fakes: HttpFakes) -> None:
    async with fakes.client(demo) as client:
        answer = await client.get(DESKS, headers={"Switchboard-Position": "demo-12"})
    assert answer.status_code == 401
    assert fakes.progress.asked == []


@pytest.mark.parametrize("position", ["", "demo", "demo-", "demo--1", "-5", "demo-x", "de.mo-1"])
async def test_a_malformed_position_is_a_400(client: Client, position: str) -> None:
    answer = await client.get(DESKS, headers={"Switchboard-Position": position})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/malformed-header"


@pytest.fixture
async def document(client: Client) -> dict[str, Any]:
    answer = await client.get("/demo/openapi.json")
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


async def test_the_description_is_valid_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["info"]["title"] == "Switchboard demo"


async def test_bodies_are_described_with_their_limits_and_marks(document: dict[str, Any]) -> None:
    content = document["paths"][DESKS]["post"]["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/DeskBody"}
    body = document["components"]["schemas"]["DeskBody"]
    assert (body["additionalProperties"], body["required"]) == (False, ["name"])
    assert body["properties"]["port"]["maximum"] == 65535
    assert body["properties"]["password"]["anyOf"][0]["writeOnly"]
    assert body["properties"]["keeper"]["anyOf"][0]["x-personal-data"]
    assert "id" in document["components"]["schemas"]["DeskResource"]["required"]


async def test_every_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    errors = [
        response
        for path in document["paths"].values()
        for operation in path.values()
        for status, response in operation["responses"].items()
        if status >= "400"
    ]
    assert len(errors) > 30
    for response in errors:
        assert list(response["content"]) == ["application/problem+json"]


async def test_a_route_documents_its_own_refusals_beside_the_common_ones(
    document: dict[str, Any],
) -> None:
    responses = document["paths"][DESKS]["post"]["responses"]
    assert responses["409"]["description"] == "Another agent is signed in at this desk."
    assert {"201", "400", "401", "403", "409", "412", "415", "422", "503"} <= set(responses)


async def test_only_guarded_routes_ask_for_a_token(document: dict[str, Any]) -> None:
    assert document["paths"][DESKS]["post"]["security"] == [{"bearer": []}]
    assert "security" not in document["paths"]["/api/v1/public/register"]["post"]


async def test_headers_that_matter_are_documented(document: dict[str, Any]) -> None:
    def names(path: str, method: str) -> set[str]:
        return {parameter["name"] for parameter in document["paths"][path][method]["parameters"]}

    assert {"Idempotency-Key", "If-Match"} <= names(DESKS, "post")
    assert {"Switchboard-Position", "limit", "cursor", "state"} <= names(DESKS, "get")


async def test_probes_and_pages_are_no_part_of_the_api(document: dict[str, Any]) -> None:
    assert all(path.startswith("/api/") for path in document["paths"])


async def test_the_human_pages_show_every_operation_and_load_nothing(client: Client) -> None:
    answer = await client.get("/demo/docs")
    assert answer.headers["content-type"].startswith("text/html")
    for operation in ("POST /api/v1/desks", "GET /api/v1/desks/{desk_id}", "DeskBody", "Problem"):
        assert operation in answer.text
    assert "script" not in answer.text
    assert not re.search(r"(src|href)=\"(?!#|/demo/)", answer.text)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]


async def test_the_human_pages_escape_what_they_show(client: Client) -> None:
    page = (await client.get("/demo/docs")).text
    assert "Add a &lt;desk&gt;." in page
    planted = {"info": {"title": "<script>", "version": "1"}, "paths": {"/<script>": {"get": {}}}}
    assert "<script>" not in docs_page(planted, '"><script>')


async def test_litestars_own_pages_are_not_served(client: Client) -> None:
    for path in ("/schema", "/schema/swagger", "/demo", "/demo/"):
        assert (await client.get(path)).status_code == 404


class Port(Protocol):
    """A port that nobody has marked."""

    def open(self) -> None: ...


@runtime_checkable
class MarkedPort(Protocol):
    """A port that may be handed to handlers."""

    def open(self) -> None: ...


class OpenPort:
    """Fits both."""

    def open(self) -> None:
        """Nothing to do."""


class MarkedController(Controller):
    """Takes a marked port."""

    @get("/marked")
    async def show(self, port: NamedDependency[MarkedPort]) -> str:
        """Its kind."""
        return type(port).__name__


class UnmarkedController(Controller):
    """Takes a port that would fail at the first request."""

    @get("/unmarked")
    async def show(self, port: NamedDependency[Port]) -> str:
        """Its kind."""
        return type(port).__name__


async def test_handlers_may_ask_for_ports(fakes: HttpFakes) -> None:
    service = Service("ports", (MarkedController,), {"port": OpenPort()}, ())
    async with fakes.client(service) as client:
        assert (await client.get("/marked")).text == "OpenPort"


def test_a_port_that_would_fail_at_the_first_request_fails_at_the_start(fakes: HttpFakes) -> None:
    service = Service("ports", (UnmarkedController,), {"port": OpenPort()}, ())
    with pytest.raises(TypeError, match="Mark Port @runtime_checkable"):
        fakes.app(service)
