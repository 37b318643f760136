"""Every route, tried by everybody who might, on ids of one's own, of others, and of nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.e2e.authorization.matrix import CALLERS, ROWS, Row
from tests.e2e.authorization.requests import BODIES, address, nothing
from tests.e2e.authorization.scene import Organization, expired_token
from tests.e2e.product import Product
from tests.patient import http_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVICES = ("sessions", "provisioning", "activation", "notifier")
SIGNING_OUT = {("POST", "/api/v1/sign-out"), ("DELETE", "/api/v1/sessions")}
WHOSE = ("missing", "foreign", "own")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http(product: Product) -> AsyncIterator[httpx.AsyncClient]:
    async with http_to(product.url) as client:
        yield client


async def test_every_route_stands_in_the_matrix(http: httpx.AsyncClient) -> None:
    described = [(await http.get(f"/{one}/openapi.json")).json()["paths"] for one in SERVICES]
    routes = [(m.upper(), path) for paths in described for path in paths for m in paths[path]]
    assert sorted(routes) == sorted(row.route for row in ROWS)


@pytest.mark.slow
async def test_everybody_may_do_what_the_matrix_says_and_nothing_else(
    product: Product, http: httpx.AsyncClient
) -> None:
    here, there = Organization(http, "here.example"), Organization(http, "there.example")
    await here.open()
    await there.open()
    here.tokens["expired"] = expired_token(product.data, "admin")
    ids = {"missing": nothing(here.ids), "foreign": there.ids, "own": here.ids}
    wrong = []
    for row in ROWS:
        for whose in WHOSE:
            for caller in CALLERS:
                expected = row.expected(caller, whose)
                if expected is None:
                    continue
                answer = await _asked(http, here, row, caller, address(row.route, ids[whose]))
                if answer.status_code != expected:
                    wrong.append((row.method, row.path, whose, caller, answer.status_code))
        if row.route in SIGNING_OUT:
            await here.everybody_signs_in()
    assert wrong == []


async def _asked(
    http: httpx.AsyncClient, here: Organization, row: Row, caller: str, path: str
) -> httpx.Response:
    token = here.tokens.get(caller)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = await BODIES[row.route](here) if row.route in BODIES else None
    if isinstance(body, bytes):
        headers["Content-Type"] = "text/csv"
        return await http.request(row.method, path, content=body, headers=headers)
    return await http.request(row.method, path, json=body, headers=headers)
