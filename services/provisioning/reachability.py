"""Asks a SIP server whether it is there, and never anything that is not meant to be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from chassis.cause import Clock
from chassis.counters import Counters
from chassis.decider import Refused
from chassis.keyring import Keyring
from schemas.provisioning import Transport
from schemas.said import said
from services.provisioning.domain.provider import Provider
from services.provisioning.sip_options import Reachability, ask

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""All addresses a host name stands for, none if there is no such name."""

SECONDS = 3.0
PER_MINUTE = 2
WINDOW_SECONDS = 60
ALLOWED_PORTS = (5060, 5061)

_PUBLIC_IPV6 = IPv6Network("2000::/3")
_DENIED: tuple[Network, ...] = tuple(
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
"""Neither private nor anybody's: for protocols, tunnels to other addresses, documentation."""


class ReachabilityTestOff(Refused):
    """This installation does not test servers."""

    def __init__(self) -> None:
        super().__init__("Tests of service providers are switched off. Ask the operator.")


class TooManyTests(Refused):
    """Two tests a minute are enough, of one organization and of one address."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            said("%(number)s tests a minute are allowed. Wait a minute.", number=PER_MINUTE),
            retry_after=WINDOW_SECONDS,
        )


class NotToBeAsked(Refused):
    """The address is inside this installation, or the port is none of SIP."""

    status = 422

    def __init__(self) -> None:
        remedy = "Only public addresses and ports 5060 and 5061 are tested."
        super().__init__(remedy, errors=[{"field": "sip_server", "message": remedy}])


async def system_resolve(host: str) -> Sequence[str]:
    """Ask the system, once."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return ()
    return [str(address[0]) for *_, address in found]


def is_denied(address: Address) -> bool:
    """Whether an address is anything but a public one."""
    if address.is_multicast or not address.is_global:
        return True
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return True
    return within(address, _DENIED)


def within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of these networks."""
    return any(address in one for one in networks if one.version == address.version)


class ReachabilityTest:
    """Sends SIP OPTIONS to a provider's server. Answers nothing but whether it is there.

    `allowed` are networks that may be asked although they are not public.
    """

    def __init__(
        self,
        on: bool,
        clock: Clock,
        counters: Counters,
        keyring: Keyring,
        *,
        allowed: Sequence[Network] = (),
        resolve: Resolve = system_resolve,
        ports: Sequence[int] = ALLOWED_PORTS,
    ) -> None:
        self._on = on
        self._clock = clock
        self._counters = counters
        self._keyring = keyring
        self._allowed = allowed
        self._resolve = resolve
        self._ports = ports

    async def of(self, organization: str, provider: Provider, transport: Transport) -> Reachability:
        """Test it.

        Raises `ReachabilityTestOff`, `TooManyTests`, `NotToBeAsked`, `StoreUnavailable`.
        """
        if not self._on:
            raise ReachabilityTestOff
        if provider.sip_port not in self._ports:
            raise NotToBeAsked
        await self._count("organization", organization)
        try:
            async with asyncio.timeout(SECONDS):
                address = await self._address(provider.sip_server)
                if address is None:
                    return "no_answer"
                await self._count("address", address)
                return await ask(address, provider.sip_port, transport)
        except TimeoutError:
            return "no_answer"

    async def _address(self, server: str) -> str | None:
        """Where to ask. Looked up once: asked again, a name may lead somewhere else."""
        found = await self._resolve(server)
        addresses = [ip_address(one.partition("%")[0]) for one in found]
        # One address that must not be asked is reason enough to mistrust the name.
        if any(is_denied(one) and not within(one, self._allowed) for one in addresses):
            raise NotToBeAsked
        return str(addresses[0]) if addresses else None

    async def _count(self, kind: str, value: str) -> None:
        window = int(self._clock().timestamp()) // WINDOW_SECONDS
        key = f"tests.{window}.{self._keyring.fingerprint('reachability test', kind, value)}"
        if await self._counters.add(key, 1) > PER_MINUTE:
            raise TooManyTests
