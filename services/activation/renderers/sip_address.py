"""SIP addresses as softphones and people read them."""

from schemas.provisioning import SipProxy


def proxy_text(proxy: SipProxy | None) -> str | None:
    """`host[:port][;transport=udp|tcp]`, an IPv6 host in brackets."""
    if proxy is None:
        return None
    host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
    port = f":{proxy.port}" if proxy.port else ""
    transport = f";transport={proxy.transport}" if proxy.transport else ""
    return host + port + transport
