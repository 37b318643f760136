"""Signing in by the form: tokens stay on the server, other sites and old cookies get nowhere."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.testing.vault import MemoryVault
from services.portal import cookies
from services.portal.browsers import Browsers, SignIn, new_secret
from services.portal.calls import ACTIVATION, NOTIFIER, PROVISIONING, SESSIONS, Services
from services.portal.declined import Declined
from services.portal.freshness import Freshness, SignedOut
from services.portal.resources.sessions import Tokens
from tests.unit.portal.scene import HTML, Scripted, browser, portal

TOKENS = {
    "session_id": "s1",
    "heartbeat_seconds": 15,
    "lease_seconds": 45,
    "user": {"user_id": "ada@example.com", "role": "administrator", "language": "en"},
    "access_token": "access-secret",
    "refresh_token": "refresh-secret",
    "expires_in": 300,
}
COUNTS = {"providers": 1, "sip_accounts": 0, "contacts": 0, "devices": 0}
ANSWERS: Mapping[str, Any] = {
    "POST /api/v1/sign-in": (201, TOKENS),
    "GET /api/v1/sign-in/options": {"languages": ["en", "de"], "default_domain": "example.com"},
    "GET /api/v1/counts": COUNTS,
    "GET /api/v1/providers": {"items": [], "next": None},
    "GET /api/v1/devices": {"items": [], "next": None},
    "POST /api/v1/sign-out": (204, None),
    "PUT /api/v1/session/heartbeat": (204, None),
}
_TOKEN = re.compile(r'name="_token" value="(\w+)"')

Browser = AsyncTestClient[Litestar]


async def form_token(client: Browser, path: str = "/sign-in") -> str:
    found = _TOKEN.search((await client.get(path, headers=HTML)).text)
    assert found
    return found[1]


async def sign_in(client: Browser, **more: str) -> httpx.Response:
    form = {"_token": await form_token(client), "user_id": "ada", "password": "secret", **more}
    return await client.post("/sign-in", data=form, headers=HTML, follow_redirects=False)


async def test_who_signs_in_gets_a_cookie_that_holds_no_token() -> None:
    services = Scripted(ANSWERS)
    async with browser(portal(services=services)) as client:
        answer = await sign_in(client, stay_signed_in="true", to="/contacts")
        home = await client.get("/home", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/contacts")
    given = [one for one in answer.headers.get_list("set-cookie") if cookies.SIGNED_IN in one]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(given[0].split("; "))
    everything = home.text + str(answer.headers) + str(home.headers)
    assert home.status_code == 200
    assert "access-secret" not in everything
    assert "refresh-secret" not in everything
    assert services.asked[-1].headers["authorization"] == "Bearer access-secret"


async def test_a_cookie_from_before_the_sign_in_is_worth_nothing_after_it() -> None:
    async with browser(portal(services=Scripted(ANSWERS))) as client:
        planted = new_secret()
        client.cookies.set(cookies.SIGNED_IN, planted, domain="portal.example")
        await sign_in(client)
        assert planted not in [one.value for one in client.cookies.jar]
        client.cookies.clear()
        client.cookies.set(cookies.SIGNED_IN, planted, domain="portal.example")
        answer = await client.get("/home", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?to=%2Fhome"


async def test_every_sign_in_has_a_cookie_of_its_own_and_ends_the_one_before() -> None:
    async with browser(portal(services=Scripted(ANSWERS))) as client:
        await sign_in(client)
        first = client.cookies[cookies.SIGNED_IN]
        form = {"_token": await form_token(client, "/home"), "user_id": "eve", "password": "secret"}
        await client.post("/sign-in", data=form, headers=HTML, follow_redirects=False)
        second = client.cookies[cookies.SIGNED_IN]
        client.cookies.clear()
        client.cookies.set(cookies.SIGNED_IN, first, domain="portal.example")
        answer = await client.get("/home", headers=HTML, follow_redirects=False)
    assert first != second
    assert answer.status_code == 303


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
async def test_nobody_is_sent_to_another_site_after_signing_in(to: str) -> None:
    async with browser(portal(services=Scripted(ANSWERS))) as client:
        answer = await sign_in(client, to=to)
    assert answer.headers["location"] == "/home"


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("of-another-browser", {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://evil.example"}),
    ],
)
async def test_a_form_of_another_site_changes_nothing(
    token: str | None, headers: dict[str, str]
) -> None:
    services = Scripted(ANSWERS)
    async with browser(portal(services=services)) as client:
        right = await form_token(client)
        form = {"_token": right if token is None else token, "user_id": "ada", "password": "x"}
        answer = await client.post("/sign-in", data=form, headers={**HTML, **headers})
    assert answer.status_code == 403
    assert [one for one in services.asked if one.method == "POST"] == []


async def test_a_form_token_ends_with_the_sign_in_it_was_made_for() -> None:
    async with browser(portal(services=Scripted(ANSWERS))) as client:
        before = await form_token(client)
        await sign_in(client)
        answer = await client.post("/session/beat", headers={"X-Form-Token": before})
        beat = await client.post(
            "/session/beat", headers={"X-Form-Token": await form_token(client, "/home")}
        )
    assert (answer.status_code, beat.status_code) == (403, 204)


async def test_a_refused_sign_in_says_so_and_keeps_what_was_typed_but_the_password() -> None:
    said = {"status": 401, "detail": "User id or password is wrong.", "title": "Refused"}
    services = Scripted({**ANSWERS, "POST /api/v1/sign-in": (401, said)})
    async with browser(portal(services=services)) as client:
        answer = await sign_in(client)
    assert answer.status_code == 401
    assert "User id or password is wrong." in answer.text
    assert 'value="ada"' in answer.text
    assert 'value="secret"' not in answer.text


async def test_the_page_says_why_a_session_is_over() -> None:
    over = {"status": 401, "detail": "The session is over.", "reason": "forced"}
    services = Scripted({**ANSWERS, "GET /api/v1/counts": (401, over)})
    async with browser(portal(services=services)) as client:
        await sign_in(client)
        answer = await client.get("/home", headers=HTML)
    assert str(answer.url).endswith("/sign-in?ended=forced&to=%2Fhome")
    assert "You were signed out by a supervisor or administrator." in answer.text


async def test_a_page_shows_what_this_browser_has_changed_before() -> None:
    services = Scripted({**ANSWERS, "POST /api/v1/providers": (422, {"detail": "No."})})
    async with browser(portal(services=services)) as client:
        await sign_in(client)
        client.cookies.set(cookies.POSITION, "provisioning-7", domain="portal.example")
        await client.get("/home", headers=HTML)
    assert services.asked[-1].headers["switchboard-position"] == "provisioning-7"


async def test_an_agent_finds_no_page_of_administrators() -> None:
    agent = {**TOKENS, "user": {**TOKENS["user"], "role": "agent"}}  # type: ignore[dict-item]  # a user
    services = Scripted({**ANSWERS, "POST /api/v1/sign-in": (201, agent)})
    async with browser(portal(services=services)) as client:
        await sign_in(client)
        answer = await client.get("/providers", headers=HTML)
    assert answer.status_code == 403
    assert "Your role has no such page." in answer.text


def stale_scene(answer: Any) -> tuple[Freshness, Scripted, Browsers]:
    services = Scripted({"POST /api/v1/sign-in/refresh": answer})
    http = httpx.AsyncClient(transport=services)
    names = (SESSIONS, PROVISIONING, ACTIVATION, NOTIFIER)
    urls = dict.fromkeys(names, "https://services.example")
    browsers = Browsers(MemoryVault())
    return Freshness(browsers, Services(http, urls), lambda: 1_000_000.0), services, browsers


async def stale(browsers: Browsers) -> str:
    secret = new_secret()
    tokens = msgspec.convert(TOKENS, Tokens)
    await browsers.keep(secret, SignIn.of(tokens, 0.0))
    return secret


async def test_many_requests_at_once_refresh_once() -> None:
    fresh = {**TOKENS, "access_token": "newer", "refresh_token": "newer-too"}
    freshness, services, browsers = stale_scene(fresh)
    secret = await stale(browsers)
    found = await asyncio.gather(*(freshness.of(secret, "m", "1.2.3.4") for _ in range(20)))
    assert {one.access_token for one in found if one} == {"newer"}
    assert len(services.asked) == 1


async def test_a_repeated_refresh_makes_the_same_attempt() -> None:
    freshness, services, browsers = stale_scene((503, {"detail": "Away."}))
    secret = await stale(browsers)
    for _ in range(2):
        with pytest.raises(Declined):
            await freshness.of(secret, "m", "1.2.3.4")
    first, second = (json.loads(one.content) for one in services.asked)
    assert first == second
    assert len(first["attempt"]) == 64


async def test_a_session_that_is_over_is_forgotten() -> None:
    over = (401, {"detail": "The session is over.", "reason": "takeover"})
    freshness, _, browsers = stale_scene(over)
    secret = await stale(browsers)
    with pytest.raises(SignedOut) as signed_out:
        await freshness.of(secret, "m", "1.2.3.4")
    assert signed_out.value.reason == "takeover"
    assert await browsers.find(secret) == (None, 2)


async def test_what_is_kept_cannot_be_read_without_the_cookie() -> None:
    vault = MemoryVault()
    browsers = Browsers(vault)
    secret = await stale(browsers)
    kept = b"".join(one.value or b"" for one in vault._entries.values())
    assert b"refresh-secret" not in kept
    assert secret.encode() not in kept
    assert not any(secret in key for key in vault._entries)
    assert (await browsers.find(new_secret()))[0] is None
