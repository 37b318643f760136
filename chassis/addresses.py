"""Who is counted when somebody asks too often."""

from ipaddress import IPv6Address, ip_address, ip_network


def source_of(address: str) -> str:
    """An IPv4 address as it is, or the network that one IPv6 customer has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else address
