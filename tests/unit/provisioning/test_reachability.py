"""Testing a SIP server: off by default, and never a way into the installation."""

import asyncio
import socket
import socketserver
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chassis.counters import LocalCounters
from chassis.keyring import Keyring
from schemas.provisioning import Transport
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
OK = b"SIP/2.0 200 OK\r\nServer: secret banner\r\n\r\n"
KEYRING = Keyring.fresh()
INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "0.0.0.0", "0.1.2.3", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.0.170",  # noqa: S104 - nothing listens there
    "192.0.2.1", "192.88.99.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "232.1.1.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "198.18.0.1", "198.19.255.255",
    "::1", "::", "::7f00:1", "::a00:1", "::808:808", "fe80::1", "fe80::1%eth0", "fec0::1",
    "fc00::1", "fd12:3456::1", "ff02::1", "ff05::2", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::7f00:1", "100::1", "2002:7f00:1::", "2002:a00:1::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:7f00:1", "2001::1", "2001:2::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1", "fec0:1::", "febf::1",
]  # fmt: skip


def provider(port: int, server: str = "sip.example.com") -> Provider:
    return Provider("Telecom", server, port, None, None, False)


def asking(port: int, *addresses: str, **more: Any) -> ReachabilityTest:
    async def resolve(_host: str) -> Sequence[str]:
        return addresses

    chosen = {"allowed": [ip_network("127.0.0.0/8")], "counters": LocalCounters(), **more}
    return ReachabilityTest(
        True, Clock(), keyring=KEYRING, ports=(port,), **{"resolve": resolve, **chosen}
    )


@asynccontextmanager
async def answering(transport: Transport, answer: bytes = OK) -> AsyncIterator[int]:
    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            assert data.startswith(b"OPTIONS sip:")
            self.transport.sendto(answer, address)

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"OPTIONS sip:")
        writer.write(answer)
        await writer.drain()
        writer.close()

    if transport == "tcp":
        server = await asyncio.start_server(accepted, HERE, 0)
        async with server:
            yield int(server.sockets[0].getsockname()[1])
        return
    loop = asyncio.get_running_loop()
    endpoint, _ = await loop.create_datagram_endpoint(Server, local_addr=(HERE, 0))
    yield int(endpoint.get_extra_info("sockname")[1])
    endpoint.close()


@contextmanager
def answering_in_a_thread() -> Iterator[int]:
    """The loop of the test waits while the test client works."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(OK)

    with socketserver.TCPServer((HERE, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_server_that_answers_is_reachable(transport: Transport) -> None:
    async with answering(transport) as port:
        assert await asking(port, HERE).of("acme", provider(port), transport) == "reachable"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_what_speaks_something_else_is_no_sip_server(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.provisioning.reachability.SECONDS", 0.2)
    async with answering(transport, b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert await asking(port, HERE).of("acme", provider(port), transport) == "no_answer"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_server_that_hangs_up_does_not_answer(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.provisioning.reachability.SECONDS", 0.2)
    async with answering(transport, b"") as port:
        assert await asking(port, HERE).of("acme", provider(port), transport) == "no_answer"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_closed_port_refuses(transport: Transport) -> None:
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HERE, 0))
        port = int(taken.getsockname()[1])
    assert await asking(port, HERE).of("acme", provider(port), transport) == "refused"


async def test_a_name_that_leads_nowhere_does_not_answer() -> None:
    assert await asking(5060).of("acme", provider(5060), "udp") == "no_answer"


async def test_two_tests_a_minute_and_organization() -> None:
    asked = asking(5060)
    for _ in range(2):
        await asked.of("acme", provider(5060), "udp")
    with pytest.raises(TooManyTests):
        await asked.of("acme", provider(5060), "udp")
    await asked.of("other", provider(5060), "udp")


async def test_two_tests_a_minute_and_address_whoever_asks_on_which_replica() -> None:
    async with answering("udp") as port:
        counters = LocalCounters()
        replicas = [asking(port, HERE, counters=counters) for _ in range(3)]
        for number in range(2):
            await replicas[number].of(f"org{number}", provider(port), "udp")
        with pytest.raises(TooManyTests):
            await replicas[2].of("org2", provider(port, "other.name.example"), "udp")


@pytest.mark.parametrize("address", INSIDE)
async def test_what_is_not_public_is_not_asked(address: str) -> None:
    assert is_denied(ip_address(address.partition("%")[0]))
    with pytest.raises(NotToBeAsked):
        await asking(5060, address, allowed=()).of("acme", provider(5060), "udp")


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(NotToBeAsked):
        await asking(5060, "8.8.8.8", "10.0.0.1").of("acme", provider(5060), "udp")


async def test_a_name_that_changes_its_answer_is_asked_for_once_and_not_followed() -> None:
    answers = iter([[HERE], ["10.0.0.1"]])

    async def changing(_host: str) -> Sequence[str]:
        return next(answers)

    async with answering("tcp") as port:
        asked = asking(port, resolve=changing)
        assert await asked.of("acme", provider(port, "rebinding.example"), "tcp") == "reachable"
        assert next(answers) == ["10.0.0.1"], "it was looked up once"


async def test_a_private_network_is_asked_where_the_operator_names_it() -> None:
    async with answering("udp") as port:
        with pytest.raises(NotToBeAsked):
            await asking(port, HERE, allowed=()).of("acme", provider(port), "udp")
        named = asking(port, HERE, allowed=[ip_network("127.0.0.1/32")])
        assert await named.of("acme", provider(port), "udp") == "reachable"


@pytest.mark.parametrize("address", ["8.8.8.8", "193.0.14.129", "2606:4700::1111", "2001:200::1"])
def test_public_addresses_may_be_asked(address: str) -> None:
    assert not is_denied(ip_address(address))


async def test_other_ports_are_not_asked() -> None:
    with pytest.raises(NotToBeAsked):
        await asking(5060, "8.8.8.8").of("acme", provider(22), "udp")


async def test_it_is_off_unless_the_operator_says_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        refused = await here.send("POST", f"/providers/{await here.provider()}/test")
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/reachability-test-off"
    off = ReachabilityTest(False, Clock(), LocalCounters(), KEYRING)
    with pytest.raises(ReachabilityTestOff):
        await off.of("acme", provider(5060), "udp")


async def test_an_administrator_has_a_server_tested_and_learns_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering_in_a_thread() as port:
        networks = {"reachability_test": True, "reachability_networks": ["127.0.0.0/8"]}
        async with scene(tmp_path, **networks) as here:
            here.service.dependencies["reachability"]._ports = (port,)
            tested = await here.provider(sip_server=HERE, sip_port=port)
            answer = await here.send("POST", f"/providers/{tested}/test?transport=tcp")
            assert answer.json() == {"result": "reachable"}
            wrong = await here.send("POST", f"/providers/{tested}/test?transport=tls")
            assert wrong.json()["errors"][0]["field"] == "transport"
