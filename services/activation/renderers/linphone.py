"""Linphone's remote provisioning: an XML of sections and entries that overwrite its settings."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from services.activation.documents import Account, Configuration
from services.activation.renderers.carrying import Carrying
from services.activation.renderers.renderer import Document, Renderer
from services.activation.renderers.sip_address import (
    REGISTERED_SECONDS,
    host_text,
    next_hop,
    quoted,
    user_part,
)
from services.activation.renderers.xml_text import can_carry, written

NAMESPACE = "http://www.linphone.org/xsds/lpconfig.xsd"

Entries = Mapping[str, str]

BLANK_AUTH_INFO: Entries = dict.fromkeys(
    ("username", "userid", "domain", "realm", "ha1", "passwd", "algorithm"), ""
)
BLANK_PROXY: Entries = {
    "reg_identity": "",
    "reg_proxy": "",
    "reg_route": "",
    "reg_sendregister": "0",
}
_SECRETS = ("realm", "ha1", "passwd", "algorithm")


def _render(configuration: Configuration, next_url: str | None) -> Document:
    carrying = Carrying(can_carry)
    root = ET.Element("config", xmlns=NAMESPACE)
    default = -1
    for number, account in enumerate(configuration.slots, 1):
        index = number - 1
        auth_info, proxy = BLANK_AUTH_INFO, BLANK_PROXY
        if account and carrying.take(number, "account", account.username):
            auth_info = _auth_info(account, carrying, number, configuration.known)
            proxy = _proxy(account, carrying, number)
            default = index if default < 0 else default
        _section(root, f"auth_info_{index}", auth_info)
        _section(root, f"proxy_{index}", proxy)
    _section(root, "sip", {"default_proxy": str(default)})
    if next_url:
        _section(root, "misc", {"config-uri": f"{next_url}?format=linphone"})
    return written(root, carrying.left_out)


def _auth_info(account: Account, carrying: Carrying, slot: int, known: bool) -> Entries:
    entries = {**BLANK_AUTH_INFO, "username": account.username, "domain": account.server}
    login = carrying.take(slot, "authorization username", account.authorization_username)
    entries["userid"] = login or ""
    if account.password_required and known:
        # Linphone fetches at every start: blank entries would erase what its user has typed.
        return {name: text for name, text in entries.items() if name not in _SECRETS}
    if account.ha1 and account.realm and carrying.take(slot, "realm", account.realm):
        digest = account.ha1.get_secret_value()
        return entries | {"realm": account.realm, "ha1": digest, "algorithm": "MD5"}
    return entries | {"passwd": carrying.password(slot, account) or ""}


def _proxy(account: Account, carrying: Carrying, slot: int) -> Entries:
    name = carrying.take(slot, "display name", account.display_name)
    address = f"<sip:{user_part(account.username)}@{host_text(account.server, None)}>"
    hop = next_hop(account.proxy, account.server, account.port, account.transport)
    carrying.dialing_rules(slot, account)
    return {
        "reg_identity": f"{quoted(name)} {address}" if name else address,
        "reg_proxy": f"<{hop}>",
        # Calls follow the route alone, REGISTER the proxy alone.
        "reg_route": f"<{hop};lr>",
        "reg_sendregister": "1",
        "reg_expires": str(REGISTERED_SECONDS),
        "push_notification_allowed": str(int(account.push_proxy)),
    }


def _section(root: ET.Element, name: str, entries: Entries) -> None:
    section = ET.SubElement(root, "section", name=name)
    for key, text in entries.items():
        # Without `overwrite` Linphone keeps whatever it has.
        ET.SubElement(section, "entry", name=key, overwrite="true").text = text


renderer = Renderer("linphone", "application/xml", _render, r"linphone|belle-?sip|^unknown$")
