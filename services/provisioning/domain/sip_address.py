"""SIP servers and proxies as people write them: a host name or IP address, perhaps with a port."""

import re
from ipaddress import ip_address

from chassis.decider import Invalid
from schemas.provisioning import SipProxy

DEFAULT_SIP_PORT = 5060

_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?", re.IGNORECASE | re.ASCII)
_PROXY = re.compile(
    r"(?P<host>\[[^\]]+\]|[^:;\s]+)(:(?P<port>\d{1,5}))?(;transport=(?P<transport>udp|tcp))?",
    re.IGNORECASE | re.ASCII,
)


def host(text: str, field: str) -> str:
    """A host name or IP address in canonical form. Raises `Invalid`."""
    bare = text.strip().removeprefix("[").removesuffix("]").lower()
    if _is_ip(bare) or (len(bare) <= 253 and _HOST_NAME.fullmatch(bare) and not _looks_ip(bare)):
        return bare.rstrip(".")
    raise Invalid(field, "Give a host name such as sip.example.com, or an IP address.")


def proxy(text: str | None, field: str) -> SipProxy | None:
    """A proxy written as `host[:port][;transport=udp|tcp]`. Raises `Invalid`."""
    if text is None or not text.strip():
        return None
    match = _PROXY.fullmatch(text.strip())
    port = int(match["port"]) if match and match["port"] else None
    if not match or (port is not None and not 1 <= port <= 65535):
        raise Invalid(
            field, "Give host[:port][;transport=udp|tcp], such as proxy.example.com:5080."
        )
    transport = match["transport"].lower() if match["transport"] else None
    return SipProxy(
        host=host(match["host"], field),
        port=port,
        transport="tcp" if transport == "tcp" else "udp" if transport else None,
    )


def proxy_text(value: SipProxy | None) -> str | None:
    """A proxy as a person would write it."""
    if value is None:
        return None
    bracketed = f"[{value.host}]" if ":" in value.host else value.host
    port = f":{value.port}" if value.port else ""
    transport = f";transport={value.transport}" if value.transport else ""
    return bracketed + port + transport


def _is_ip(text: str) -> bool:
    if "%" in text:
        # A zone means something on one machine only.
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _looks_ip(text: str) -> bool:
    return text.replace(".", "").isdigit()
