"""Configurations to render, and readers that take the documents apart as the softphones do."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from pydantic import SecretStr

from schemas.activation import Format
from services.activation.documents import Account, Configuration
from services.activation.renderers import RENDERERS
from services.activation.renderers.linphone import NAMESPACE

ACCOUNT = Account(
    friendly_name="Sales",
    provider="Phone system",
    server="sip.example.com",
    port=5060,
    proxy=None,
    realm=None,
    transport="udp",
    username="1001",
    authorization_username=None,
    display_name=None,
    password=SecretStr("secret"),
    password_required=False,
    push_proxy=False,
    dialing_rules=(),
)
TYPED = replace(ACCOUNT, password=None, password_required=True)
NEXT = "https://phones.example.com/c/token"


def configured(*slots: Account | None, known: bool = False) -> Configuration:
    padding = (None,) * (4 - len(slots))
    return Configuration("d1", "Desk", 3, (*slots, *padding), known)


def rendered(name: Format, configuration: Configuration) -> str:
    return RENDERERS[name].render(configuration, NEXT).content.decode()


def linphone_settings(document: str) -> dict[str, dict[str, str]]:
    """What Linphone's settings say after the document: entries without `overwrite` do not count."""
    return {
        section.attrib["name"]: {
            entry.attrib["name"]: entry.text or ""
            for entry in section
            if entry.attrib.get("overwrite") == "true"
        }
        for section in _tree(document).iter(f"{{{NAMESPACE}}}section")
    }


def acrobits_account(document: str) -> dict[str, str]:
    children = (child for child in _tree(document) if isinstance(child.tag, str))
    return {child.tag: child.text or "" for child in children}


def remarks(document: str) -> list[str]:
    """What the document tells people."""
    if not document.startswith("<?xml"):
        return [line[2:] for line in document.splitlines() if "left out" in line]
    nodes = _tree(document).iter()
    return [(node.text or "").strip() for node in nodes if not isinstance(node.tag, str)]


def _tree(document: str) -> ET.Element:
    builder = ET.TreeBuilder(insert_comments=True)
    parser = ET.XMLParser(target=builder)  # noqa: S314 - our own document
    return ET.fromstring(document, parser)  # noqa: S314 - our own document


BARESIP_LINE = re.compile(
    r'(?:"(?P<name>[^"]*)" )?<sip:(?P<user>[^@>]+)@(?P<server>[^;>]+);transport=(?P<transport>\w+)>'
    r'(?P<rest>(?:;\w+=(?:"[^"]*"|[^;"]*))*)'
)


def baresip_accounts(document: str) -> list[dict[str, str]]:
    """The accounts of the file. Every line that is no remark has to be one."""
    accounts = []
    for line in document.splitlines():
        if line.startswith("#"):
            continue
        match = BARESIP_LINE.fullmatch(line)
        assert match, line
        found = {name: text for name, text in match.groupdict().items() if text and name != "rest"}
        for name, text in re.findall(r';(\w+)=("[^"]*"|[^;"]*)', match["rest"]):
            found[name] = text.strip('"')
        accounts.append(found)
    return accounts


def pjsua_accounts(document: str) -> list[dict[str, str]]:
    """The accounts of the file, read with pjsua's limits: bytes a line, arguments in all."""
    arguments = [token for line in document.splitlines() for token in _pjsua_tokens(line)]
    assert len(arguments) < 128
    accounts: list[dict[str, str]] = [{}] if arguments else []
    while arguments:
        option = arguments.pop(0)
        assert option.startswith("--")
        if option == "--next-account":
            accounts.append({})
        else:
            accounts[-1][option] = arguments.pop(0)
    return accounts


def _pjsua_tokens(line: str) -> list[str]:
    assert len(line.encode()) < 199, line
    tokens, position = [], 0
    while position < len(line) and not line[position:].lstrip(" ").startswith("#"):
        if line[position] == " ":
            position += 1
        elif line[position] in "\"'":
            end = line.index(line[position], position + 1)
            tokens.append(line[position + 1 : end])
            position = end + 1
        else:
            end = line.find(" ", position)
            end = len(line) if end < 0 else end
            tokens.append(line[position:end])
            position = end
    return tokens
