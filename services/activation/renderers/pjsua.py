"""The configuration file of pjsua: its command-line options, an option a line."""

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

MOST_BYTES_A_LINE = 198
"""pjsua reads lines of 200 characters at most, the end of line and of text included."""


def can_carry(text: str) -> bool:
    """Whether one kind of quote is left to put around the text, and a line is long enough."""
    short = len(text.encode()) <= MOST_BYTES_A_LINE - len("--password ''")
    return short and text.isprintable() and not ("'" in text and '"' in text)


def _render(configuration: Configuration, _next_url: str | None) -> Document:
    carrying = Carrying(can_carry)
    lines: list[str] = []
    accounts = 0
    for slot, account in enumerate(configuration.slots, 1):
        options = _options(account, carrying, slot) if account else None
        if options is None:
            lines.append(f"# slot {slot} is blank")
            continue
        lines += [*(["--next-account"] if accounts else []), *options]
        accounts += 1
    lines += [f"# {reason}" for reason in carrying.left_out]
    return Document(("\n".join(lines) + "\n").encode(), tuple(carrying.left_out))


def _options(account: Account, carrying: Carrying, slot: int) -> list[str] | None:
    login = account.authorization_username or account.username
    identity = _identity(account, carrying, slot)
    if identity is None or not carrying.take(slot, "account", login):
        return None
    registrar = f"sip:{host_text(account.server, account.port)};transport={account.transport}"
    password = carrying.password(slot, account)
    options = [
        _option("--id", identity),
        _option("--registrar", registrar),
        _option("--realm", "*"),
        _option("--username", login),
        *([_option("--password", password)] if password is not None else []),
        _option("--reg-timeout", str(REGISTERED_SECONDS)),
    ]
    if account.proxy:
        hop = next_hop(account.proxy, account.server, account.port, account.transport)
        options.append(_option("--proxy", f"{hop};lr"))
    carrying.dialing_rules(slot, account)
    return options


def _identity(account: Account, carrying: Carrying, slot: int) -> str | None:
    address = f"sip:{user_part(account.username)}@{host_text(account.server, None)}"
    if account.display_name and carrying.take(
        slot, "display name", f"{quoted(account.display_name)} <{address}>"
    ):
        return f"{quoted(account.display_name)} <{address}>"
    return carrying.take(slot, "account", address)


def _option(name: str, value: str) -> str:
    quote = "'" if '"' in value else '"'
    return f"{name} {quote}{value}{quote}"


renderer = Renderer("pjsua", "text/plain", _render, "pjsua")
