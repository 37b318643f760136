"""SIP addresses as softphones and people read them."""

from urllib.parse import quote

from schemas.provisioning import SipProxy, Transport

REGISTERED_SECONDS = 300
"""How long a registration holds: short, so that a phone that was cut off is soon forgotten."""

_USER_CHARACTERS = "-_.!~*()&=+$,;?/"


def host_text(host: str, port: int | None) -> str:
    """`host[:port]`, an IPv6 host in brackets."""
    return (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")


def proxy_text(proxy: SipProxy | None) -> str | None:
    """`host[:port][;transport=udp|tcp]`, an IPv6 host in brackets."""
    if proxy is None:
        return None
    transport = f";transport={proxy.transport}" if proxy.transport else ""
    return host_text(proxy.host, proxy.port) + transport


def next_hop(proxy: SipProxy | None, server: str, port: int, transport: Transport) -> str:
    """Where everything goes first: the outbound proxy, else the server itself."""
    if proxy is None:
        return f"sip:{host_text(server, port)};transport={transport}"
    return f"sip:{host_text(proxy.host, proxy.port)};transport={proxy.transport or transport}"


def user_part(username: str) -> str:
    """A username as it may stand in a SIP address: what has a meaning there is escaped."""
    return quote(username, safe=_USER_CHARACTERS)


def quoted(text: str) -> str:
    """A display name in quotes, as it may stand before a SIP address."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
