"""Asks a SIP server whether it is there, and never anything that is not meant to be asked."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal

from chassis.cause import Clock
from chassis.decider import Refused
from services.provisioning.domain.provider import Provider

Reachability = Literal["reachable", "refused", "no_answer"]
Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[str | None]]
"""The one address a host name stands for, None if there is none."""

SECONDS = 3.0
PER_MINUTE = 2
ALLOWED_PORTS = (5060, 5061)

_DENIED = tuple(
    ip_network(one)
    for one in ("192.0.0.0/24", "64:ff9b::/96", "2002::/16", "::ffff:0:0/96", "2001::/32")
)


class ReachabilityTestOff(Refused):
    """This installation does not test servers."""

    def __init__(self) -> None:
        super().__init__("Tests of service providers are switched off. Ask the operator.")


class TooManyTests(Refused):
    """Two tests a minute are enough."""

    status = 429

    def __init__(self) -> None:
        super().__init__("Two tests a minute are allowed. Wait a minute.", retry_after=60)


class NotToBeAsked(Refused):
    """The address is inside this installation, or the port is none of SIP."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Only public addresses and ports 5060 and 5061 are tested.")


async def system_resolve(host: str) -> str | None:
    """Ask the system, once."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return None
    return str(found[0][4][0])


def is_denied(address: Address) -> bool:
    """Whether an address is anything but a public one."""
    special = address.is_multicast or not address.is_global
    return special or any(address in network for network in _DENIED if _same(address, network))


def _same(address: Address, network: object) -> bool:
    return getattr(network, "version", None) == address.version


@dataclass
class ReachabilityTest:
    """Sends SIP OPTIONS to a provider's server. Answers nothing but whether it is there."""

    on: bool
    clock: Clock
    resolve: Resolve = system_resolve
    denied: Callable[[Address], bool] = is_denied
    ports: tuple[int, ...] = ALLOWED_PORTS
    _asked: dict[str, list[float]] = field(default_factory=dict)

    async def of(self, organization: str, provider: Provider) -> Reachability:
        """Test it. Raises `ReachabilityTestOff`, `TooManyTests`, `NotToBeAsked`."""
        if not self.on:
            raise ReachabilityTestOff
        self._count(organization)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._test(provider)
        except TimeoutError:
            return "no_answer"

    async def _test(self, provider: Provider) -> Reachability:
        # Resolved once: asked again, a name may lead somewhere else.
        found = await self.resolve(provider.sip_server)
        if found is None:
            return "no_answer"
        address = ip_address(found.partition("%")[0])
        if provider.sip_port not in self.ports or self.denied(address):
            raise NotToBeAsked
        try:
            return await _options(str(address), provider.sip_port)
        except OSError:
            return "refused"

    def _count(self, organization: str) -> None:
        now = self.clock().timestamp()
        recent = [at for at in self._asked.get(organization, ()) if at > now - 60]
        if len(recent) >= PER_MINUTE:
            raise TooManyTests
        self._asked[organization] = [*recent, now]


class _Question(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[Reachability] = asyncio.get_running_loop().create_future()

    def datagram_received(self, _data: bytes, _address: object) -> None:
        self._take("reachable")

    def error_received(self, _error: Exception) -> None:
        self._take("refused")

    def _take(self, answer: Reachability) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


async def _options(address: str, port: int) -> Reachability:
    loop = asyncio.get_running_loop()
    transport, question = await loop.create_datagram_endpoint(
        _Question, remote_addr=(address, port)
    )
    try:
        transport.sendto(_message(address, port))
        return await question.answer
    finally:
        transport.close()


def _message(address: str, port: int) -> bytes:
    host = f"[{address}]" if ":" in address else address
    token = secrets.token_hex(8)
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP invalid;branch=z9hG4bK{token};rport",
        f"From: <sip:test@invalid>;tag={token}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {token}@invalid",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 1",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()
