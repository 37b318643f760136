"""Whose address sessions counts for a sign-in by the portal, which asks it over HTTP."""

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post
from prometheus_client import CollectorRegistry

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.testing.vault import MemoryVault
from chassis.web.server import serving
from services.portal.app import build
from services.portal.settings import Settings
from tests.patient import http_to

PORTAL, PROXY = "127.0.0.1", "127.0.0.2"
PERSON, LIED = "192.0.2.7", "198.51.100.9"
TOKEN = re.compile(r'name="_token" value="(\w+)"')
HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


async def counted(*, portal_trusts: str, sessions_trust: str, claimed: str) -> str:
    """The address by which sessions knows who signs in through a proxy that says `claimed`."""
    seen: list[str] = []

    @post("/api/v1/sign-in", status_code=401)
    async def sign_in(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
        seen.append(request.client.host if request.client else "")
        return Response({"detail": "User id or password is wrong."}, status_code=401)

    @get("/api/v1/sign-in/options")
    async def options() -> dict[str, list[str]]:
        return {"languages": ["en"]}

    app = Litestar([sign_in, options], openapi_config=None, logging_config=None)
    health = Health()
    async with (
        serving(app, health=health, trusted_proxies=sessions_trust) as sessions,
        http_to() as calls,
        serving(_portal(sessions, calls), health=health, trusted_proxies=portal_trusts) as url,
        http_to(url, transport=httpx.AsyncHTTPTransport(local_address=PROXY)) as proxy,
    ):
        page = await proxy.get("/sign-in", headers=HTML)
        token = TOKEN.search(page.text)
        assert token
        machine = page.headers["set-cookie"].partition(";")[0]
        headers = {**HTML, "X-Forwarded-For": claimed, "Cookie": machine}
        form = {"_token": token[1], "user_id": "ada", "password": "wrong"}
        assert (await proxy.post("/sign-in", data=form, headers=headers)).status_code == 401
    (address,) = seen
    return address


def _portal(sessions: str, calls: httpx.AsyncClient) -> Litestar:
    return build(
        Settings(sessions_url=sessions),
        vault=MemoryVault(),
        http=calls,
        health=Health(),
        metrics=Metrics(CollectorRegistry()),
    )


async def test_the_person_counts_who_stands_before_proxy_and_portal() -> None:
    address = await counted(portal_trusts=PROXY, sessions_trust=PORTAL, claimed=PERSON)
    assert address == PERSON


async def test_what_a_person_claims_before_a_proxy_is_not_believed() -> None:
    claimed = f"{LIED}, {PERSON}"
    assert await counted(portal_trusts=PROXY, sessions_trust=PORTAL, claimed=claimed) == PERSON


@pytest.mark.parametrize(
    ("portal_trusts", "sessions_trust", "known_by"), [("", PORTAL, PROXY), (PROXY, "", PORTAL)]
)
async def test_whoever_is_trusted_by_nobody_counts_for_all_behind(
    portal_trusts: str, sessions_trust: str, known_by: str
) -> None:
    address = await counted(
        portal_trusts=portal_trusts, sessions_trust=sessions_trust, claimed=PERSON
    )
    assert address == known_by
