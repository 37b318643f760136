"""Whatever goes wrong over HTTP is answered with a problem document that says what to do."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR, AGENT
from chassis.web.problems import MEDIA_TYPE, kebab_case
from tests.unit.chassis.demo import demo

Client = AsyncTestClient[Litestar]
DESKS = "/api/v1/desks"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        client.headers.update(fakes.tokens.headers(ADMINISTRATOR))
        yield client


def problem_of(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def fields_of(answer: Response) -> dict[str, str]:
    return {one["field"]: one["message"] for one in problem_of(answer, 422)["errors"]}


async def test_a_refusal_names_the_rule_the_remedy_and_its_details() -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        answer = await client.post(f"{DESKS}/d1/take", headers=fakes.tokens.headers(AGENT))
    assert problem_of(answer, 409) == {
        "type": "/problems/desk-occupied",
        "title": "Desk occupied",
        "status": 409,
        "detail": "Choose another desk.",
        "taken_by": ["alf"],
    }


async def test_every_wrong_field_is_named_with_its_remedy_and_without_its_value(
    client: Client,
) -> None:
    body = {
        "name": "",
        "port": 70000,
        "emails": [{"address": "not-an-address", "label": "office"}],
        "password": "hunter2",
        "colour": "planted-value",
    }
    answer = await client.post(DESKS, json=body)
    assert fields_of(answer) == {
        "name": "Enter at least 1 character(s).",
        "port": "Enter a number of at most 65535.",
        "emails.0.address": "Enter an e-mail address such as ada@example.com.",
        "emails.0.label": "Choose one of: 'work' or 'home'.",
        "password": "Enter at least 8 character(s).",
        "colour": "There is no such field here. Leave it out or correct its name.",
    }
    for planted in ("70000", "not-an-address", "office", "hunter2", "planted-value"):
        assert planted not in answer.text


@pytest.mark.parametrize("body", [[], "text", 5])
async def test_a_body_that_is_no_object_is_refused_as_a_whole(client: Client, body: object) -> None:
    assert fields_of(await client.post(DESKS, json=body)) == {
        "body": "Give an object with named members."
    }


async def test_a_missing_body_is_named(client: Client) -> None:
    assert set(fields_of(await client.post(DESKS))) == {"body"}


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 100_000, b"NaN"],
    ids=["cut off", "not utf-8", "half a surrogate", "too deep", "no JSON"],
)
async def test_malformed_json_is_a_400(client: Client, content: bytes) -> None:
    answer = await client.post(DESKS, content=content, headers={"Content-Type": "application/json"})
    assert problem_of(answer, 400)["type"] == "/problems/malformed-body"


async def test_a_body_of_another_kind_is_a_415(client: Client) -> None:
    answer = await client.post(DESKS, data={"name": "desk"})
    assert problem_of(answer, 415)["type"] == "/problems/unsupported-media-type"


async def test_a_body_that_is_too_large_is_a_413(client: Client) -> None:
    answer = await client.post(DESKS, json={"name": "x" * 1_100_000})
    assert problem_of(answer, 413)["type"] == "/problems/request-too-large"


async def test_an_unknown_route_and_a_wrong_method_are_problems_too(client: Client) -> None:
    assert problem_of(await client.get("/nowhere"), 404)["type"] == "/problems/no-such-route"
    wrong_method = await client.put(DESKS)
    assert problem_of(wrong_method, 405)["type"] == "/problems/method-not-allowed"
    assert "POST" in wrong_method.headers["allow"]


@pytest.mark.parametrize("wild", ["a.b", "%3E", "*", "A", "x%00", "x" * 65])
async def test_an_id_that_cannot_exist_is_unknown(client: Client, wild: str) -> None:
    answer = await client.get(f"{DESKS}/{wild}")
    assert problem_of(answer, 404)["type"] == "/problems/unknown"


async def test_unknown_and_impossible_ids_get_the_same_kind_of_answer(client: Client) -> None:
    unknown, impossible = [await client.get(f"{DESKS}/{one}") for one in ("unknown", "a.b")]
    assert unknown.status_code == impossible.status_code == 404
    assert unknown.json()["type"] == impossible.json()["type"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("state=planted", "state"),
        ("owner=PLANTED.>", "owner"),
    ],
)
async def test_a_wrong_query_parameter_is_named(client: Client, query: str, field: str) -> None:
    answer = await client.get(f"{DESKS}?{query}")
    assert set(fields_of(answer)) == {field}
    assert "planted" not in answer.text.lower()


async def test_a_cursor_of_another_list_is_a_400(client: Client) -> None:
    answer = await client.get(f"{DESKS}?cursor=wrong")
    assert problem_of(answer, 400)["type"] == "/problems/wrong-cursor"


@pytest.mark.parametrize("which", ["store", "read-models"])
async def test_a_store_that_is_away_is_a_503_that_says_when_to_come_back(
    client: Client, which: str
) -> None:
    answer = await client.get(f"/api/v1/public/fail/{which}")
    assert problem_of(answer, 503)["type"] == "/problems/unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "10.0.0.1" not in answer.text


async def test_a_throttled_caller_learns_when_to_come_back(client: Client) -> None:
    answer = await client.get("/api/v1/public/fail/throttle")
    assert problem_of(answer, 429)["type"] == "/problems/too-many-tries"
    assert answer.headers["retry-after"] == "30"


async def test_a_field_that_a_rule_refuses_looks_like_any_other_wrong_field(
    client: Client,
) -> None:
    answer = await client.get("/api/v1/public/fail/field")
    assert fields_of(answer) == {"sip_server": "Enter a host name."}


async def test_an_unexpected_failure_tells_nothing_about_the_inside(client: Client) -> None:
    answer = await client.get("/api/v1/public/fail/planted")
    document = problem_of(answer, 500)
    assert document["instance"].startswith("urn:uuid:")
    for inside in ("planted", "RuntimeError", "Traceback", "hunter2", "demo.py"):
        assert inside not in answer.text


@pytest.mark.parametrize(
    ("name", "kebab"),
    [("DeskOccupied", "desk-occupied"), ("KeyReused", "key-reused"), ("Unknown", "unknown")],
)
def test_the_type_of_a_problem_is_the_rule_in_kebab_case(name: str, kebab: str) -> None:
    assert kebab_case(name) == kebab
