"""Who is counted as one: an IPv4 address, or what one IPv6 customer has."""

from ipaddress import IPv6Address, ip_address, ip_network

_CUSTOMER, _NEIGHBOURHOOD = 64, 48
"""Bits of an IPv6 network: the one most customers have, and the largest that one of them gets."""


def source_of(address: str) -> str:
    """An IPv4 address, or the network that one IPv6 customer has."""
    return _network(address, _CUSTOMER)


def neighbourhood_of(address: str) -> str:
    """An IPv4 address, or the largest IPv6 network that may belong to one customer."""
    return _network(address, _NEIGHBOURHOOD)


def _network(address: str, bits: int) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip.packed, bits), strict=False))
