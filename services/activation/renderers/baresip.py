"""The `accounts` file of baresip: a line per account, read as a whole."""

from services.activation.documents import Account, Configuration
from services.activation.renderers.carrying import Carrying
from services.activation.renderers.renderer import Document, Renderer
from services.activation.renderers.sip_address import (
    REGISTERED_SECONDS,
    host_text,
    next_hop,
    user_part,
)


def can_carry(text: str) -> bool:
    """Whether baresip reads a text between quotes as it is: it knows no way to escape one."""
    return '"' not in text and "\\" not in text and text.isprintable()


def _render(configuration: Configuration, _next_url: str | None) -> Document:
    carrying = Carrying(can_carry)
    lines = []
    for slot, account in enumerate(configuration.slots, 1):
        line = _line(account, carrying, slot) if account else None
        lines.append(line or f"# slot {slot} is blank")
    lines += [f"# {reason}" for reason in carrying.left_out]
    return Document(("\n".join(lines) + "\n").encode(), tuple(carrying.left_out))


def _line(account: Account, carrying: Carrying, slot: int) -> str | None:
    login = account.authorization_username or account.username
    if not carrying.take(slot, "account", login):
        return None
    name = carrying.take(slot, "display name", account.display_name)
    server = f"{host_text(account.server, account.port)};transport={account.transport}"
    address = f"<sip:{user_part(account.username)}@{server}>"
    parameters = [f'"{name}" {address}' if name else address, f'auth_user="{login}"']
    password = carrying.password(slot, account)
    if password is not None:
        parameters.append(f'auth_pass="{password}"')
    if account.proxy:
        hop = next_hop(account.proxy, account.server, account.port, account.transport)
        parameters.append(f'outbound="{hop}"')
    parameters.append(f"regint={REGISTERED_SECONDS}")
    carrying.dialing_rules(slot, account)
    return ";".join(parameters)


renderer = Renderer("baresip", "text/plain", _render, "baresip")
