"""Whose address counts: the caller's own, unless a proxy that is trusted says for whom it asks."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest
from litestar import Litestar, Request, get

from chassis.observing.health import Health
from chassis.web.server import serving
from tests.patient import http_to

SELF = "127.0.0.1"
CLIENT, LIED = "192.0.2.7", "198.51.100.9"


@get("/")
async def caller(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


async def seen(trusted: str, headers: Mapping[str, str], host: str = SELF) -> str:
    """The address an app sees, when this machine asks with these headers."""
    app = Litestar([caller], openapi_config=None, logging_config=None)
    async with (
        serving(app, health=Health(), host=host, trusted_proxies=trusted) as url,
        http_to() as client,
    ):
        answer = await client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("trusted", ["", "10.0.0.1", "10.0.0.0/8, 192.0.2.0/24"])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP"])
async def test_nobody_else_may_say_who_they_are(trusted: str, header: str) -> None:
    said = f"for={CLIENT}" if header == "Forwarded" else CLIENT
    assert await seen(trusted, {header: said}) == SELF


@pytest.mark.parametrize("trusted", [SELF, "127.0.0.0/8", f"10.0.0.1, {SELF}"])
async def test_a_trusted_proxy_says_for_whom_it_asks(trusted: str) -> None:
    assert await seen(trusted, {"X-Forwarded-For": CLIENT}) == CLIENT
    assert await seen(trusted, {}) == SELF


async def test_what_a_client_told_the_proxy_about_itself_does_not_count() -> None:
    assert await seen(SELF, {"X-Forwarded-For": f"{LIED}, {CLIENT}"}) == CLIENT
    assert await seen(SELF, {"X-Forwarded-For": f"{SELF}, {LIED}, {CLIENT}"}) == CLIENT


async def test_of_a_chain_of_proxies_the_first_that_is_not_trusted_counts() -> None:
    chain = f"{LIED}, {CLIENT}, 10.0.0.2, 10.0.0.3"
    assert await seen(f"{SELF},10.0.0.0/8", {"X-Forwarded-For": chain}) == CLIENT
    assert await seen(f"{SELF},10.0.0.3", {"X-Forwarded-For": chain}) == "10.0.0.2"


async def test_a_client_in_a_network_that_is_trusted_may_claim_any_address() -> None:
    """Why no private network is trusted unless it is named: people have addresses there too."""
    told = {"X-Forwarded-For": f"{LIED}, 10.20.30.40"}
    assert await seen(f"{SELF},10.0.0.0/8", told) == LIED
    assert await seen(SELF, told) == "10.20.30.40"


@pytest.mark.parametrize("said", ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:4711"])
async def test_an_ipv6_client_is_told_with_or_without_brackets_and_port(said: str) -> None:
    assert await seen(SELF, {"X-Forwarded-For": said}) == "2001:db8::7"


async def test_an_ipv6_proxy_is_trusted_however_it_is_written() -> None:
    with socket.socket(socket.AF_INET6) as there:
        try:
            there.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    headers = {"X-Forwarded-For": CLIENT}
    assert await seen("0:0:0:0:0:0:0:1", headers, host="::1") == CLIENT
    assert await seen("::2", headers, host="::1") == "::1"


@pytest.mark.parametrize("said", ["", ",", "unknown", "[", "1.2.3.4.5", ":::", "x" * 5000])
async def test_a_header_without_sense_stops_nobody(said: str) -> None:
    assert await seen("", {"X-Forwarded-For": said}) == SELF
    assert CLIENT not in await seen(SELF, {"X-Forwarded-For": said})
    assert await seen(SELF, {"X-Forwarded-For": f"{said}, {CLIENT}"}) == CLIENT
