"""Testing a SIP server: off by default, and never a way into the installation."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from services.provisioning.domain.provider import Provider
from services.provisioning.reachability import (
    NotToBeAsked,
    ReachabilityTest,
    ReachabilityTestOff,
    TooManyTests,
    is_denied,
)
from tests.unit.provisioning.scene import Clock, scene

HERE = "127.0.0.1"


def provider(port: int, server: str = "sip.example.com") -> Provider:
    return Provider("Telecom", server, port, None, None, False)


def asking(port: int, address: str | None = HERE) -> ReachabilityTest:
    async def resolve(_host: str) -> str | None:
        return address

    return ReachabilityTest(True, Clock(), resolve, denied=lambda _: False, ports=(port,))


@asynccontextmanager
async def answering() -> AsyncIterator[int]:
    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            assert data.startswith(b"OPTIONS sip:")
            self.transport.sendto(b"SIP/2.0 200 OK secret banner\r\n\r\n", address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=(HERE, 0))
    yield int(transport.get_extra_info("sockname")[1])
    transport.close()


async def test_a_server_that_answers_is_reachable() -> None:
    async with answering() as port:
        assert await asking(port).of("acme", provider(port)) == "reachable"


async def test_a_closed_port_refuses() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        port = int(taken.getsockname()[1])
    assert await asking(port).of("acme", provider(port)) == "refused"


async def test_a_name_that_leads_nowhere_does_not_answer() -> None:
    assert await asking(5060, None).of("acme", provider(5060)) == "no_answer"


async def test_two_tests_a_minute_and_organization() -> None:
    asked = asking(5060, None)
    for _ in range(2):
        await asked.of("acme", provider(5060))
    with pytest.raises(TooManyTests):
        await asked.of("acme", provider(5060))
    await asked.of("other", provider(5060))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104 - nothing listens there
        "100.64.0.1", "192.0.0.8", "224.0.0.1", "239.255.255.250", "255.255.255.255",
        "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2001::1", "2001:db8::1",
    ],
)  # fmt: skip
async def test_what_is_not_public_is_not_asked(address: str) -> None:
    assert is_denied(ip_address(address))

    async def resolve(_host: str) -> str | None:
        return address

    with pytest.raises(NotToBeAsked):
        await ReachabilityTest(True, Clock(), resolve).of("acme", provider(5060))


@pytest.mark.parametrize("address", ["8.8.8.8", "193.0.14.129", "2606:4700::1111"])
def test_public_addresses_may_be_asked(address: str) -> None:
    assert not is_denied(ip_address(address))


async def test_other_ports_are_not_asked() -> None:
    async def resolve(_host: str) -> str | None:
        return "8.8.8.8"

    with pytest.raises(NotToBeAsked):
        await ReachabilityTest(True, Clock(), resolve).of("acme", provider(22))


async def test_it_is_off_unless_the_operator_says_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        refused = await here.send("POST", f"/providers/{await here.provider()}/test")
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/reachability-test-off"
    with pytest.raises(ReachabilityTestOff):
        await ReachabilityTest(False, Clock()).of("acme", provider(5060))
