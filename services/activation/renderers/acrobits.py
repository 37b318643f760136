"""The account XML of Acrobits softphones (Groundwire, Cloud Softphone): one account a document."""

from xml.etree import ElementTree as ET

from services.activation.documents import Account, Configuration
from services.activation.renderers.carrying import Carrying
from services.activation.renderers.renderer import Document, Renderer
from services.activation.renderers.sip_address import (
    REGISTERED_SECONDS,
    host_text,
    proxy_text,
)
from services.activation.renderers.xml_text import can_carry, written

ASKED_AGAIN_SECONDS = 3600
BLANK = dict.fromkeys(("username", "password", "authUsername", "userDisplayName", "host"), "")


def _render(configuration: Configuration, next_url: str | None) -> Document:
    carrying = Carrying(can_carry)
    root = ET.Element("account")
    entries: dict[str, str] | None = None
    for slot, account in enumerate(configuration.slots, 1):
        if account is None:
            continue
        if entries:
            carrying.leave_out(slot, "account left out, this format holds a single one")
        elif carrying.take(slot, "account", account.username):
            entries = _entries(account, carrying, slot)
    # A title must not be empty, or the app keeps what it had.
    written_out = {"title": "-", **BLANK} | (entries or {}) | _again(next_url)
    for name, text in written_out.items():
        ET.SubElement(root, name).text = text
    return written(root, carrying.left_out)


def _again(url: str | None) -> dict[str, str]:
    """Where and how often the app asks anew: a withdrawn device is to learn that it is."""
    if url is None:
        return {}
    return {"extProvUrl": f"{url}?format=acrobits", "extProvInterval": str(ASKED_AGAIN_SECONDS)}


def _entries(account: Account, carrying: Carrying, slot: int) -> dict[str, str]:
    carrying.dialing_rules(slot, account)
    login = carrying.take(slot, "authorization username", account.authorization_username)
    proxy = {"proxy": proxy_text(account.proxy) or ""} if account.proxy else {}
    return {
        "title": carrying.take(slot, "name", account.friendly_name) or "-",
        "username": account.username,
        "password": carrying.password(slot, account) or "",
        "authUsername": login or "",
        "userDisplayName": carrying.take(slot, "display name", account.display_name) or "",
        "host": host_text(account.server, account.port),
        "transport": account.transport,
        "expires": str(REGISTERED_SECONDS),
        **proxy,
    }


renderer = Renderer("acrobits", "application/xml", _render, r"acrobits|groundwire|cloud ?softphone")
