"""One person gets a softphone: from an empty organization to a configuration on the device."""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_string, policy

from switchboard.demo.client import Client, Json, Unreachable

MAIL_PATIENCE_SECONDS = 90.0
MASK = "••••••••"
_CODE = re.compile(r"\b[B-DF-HJ-NP-TV-XZ]{4}(?:-[B-DF-HJ-NP-TV-XZ]{4}){2}\b")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets a device."""

    first_name: str
    last_name: str
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of the story."""

    code: str
    mail_id: str
    configuration: Json


Progress = Callable[[str], None]


async def tell(client: Client, person: Person, run: str, progress: Progress) -> Told:
    """Provider, SIP account, contact, device, code, mail, exchange. `run` names this telling.

    Raises `Refusal`, `Unreachable`.
    """
    progress("Adding a service provider")
    provider = await client.command(
        "/api/v1/providers",
        {"name": "Example Telecom", "sip_server": "sip.telecom.example"},
        once=f"{run} provider",
    )
    progress("Adding a SIP account; its password is sealed on receipt")
    account = await client.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {
            "friendly_name": "Front desk",
            "username": "1001",
            "protocol": "udp",
            "password": f"{run}-sip-password",
            "display_name": f"{person.first_name} {person.last_name}",
        },
        once=f"{run} account",
    )
    progress(f"Adding the contact {person.first_name} {person.last_name}")
    contact = await client.command(
        "/api/v1/contacts",
        {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "emails": [{"address": person.address, "label": "work"}],
        },
        once=f"{run} contact",
    )
    progress("Creating the device")
    device = await client.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": "Laptop", "sip_account_ids": [account["id"]]},
        once=f"{run} device",
    )
    progress("Looking the activation code up")
    activation = await client.read(f"/api/v1/activations/{device['id']}")
    progress(f"Mailing the instructions to {person.address}")
    await client.command(
        f"/api/v1/activations/{device['id']}/instructions", {}, once=f"{run} instructions"
    )
    progress("Waiting for the mail")
    mail_id, code = await mailed_code(client, activation["code"])
    progress("Exchanging the code, as a softphone would")
    exchanged = await client.command(
        "/api/v1/activate",
        {
            "code": code,
            "installation_id": f"demo-{run}",
            "client": {"name": "Switchboard demo", "platform": "terminal"},
        },
    )
    return Told(code, mail_id, masked(exchanged["configuration"]))


def new_run() -> str:
    """A name for one telling: repeating its steps under the same name does nothing more."""
    return secrets.token_hex(8)


async def mailed_code(client: Client, expected: str) -> tuple[str, str]:
    """The mail that holds the code, and the code as it stands there. Raises `Unreachable`."""
    deadline = asyncio.get_running_loop().time() + MAIL_PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        for mail in await client.read("/dev/mailbox"):
            message = message_from_string(
                await client.text(f"/dev/mailbox/{mail['id']}"), policy=policy.default
            )
            body = message.get_body(preferencelist=("plain",))
            found = _CODE.search(str(body.get_content())) if body else None
            if found and found[0] == expected:
                return mail["id"], found[0]
        await asyncio.sleep(0.2)
    raise Unreachable(
        f"The mail did not arrive within {MAIL_PATIENCE_SECONDS:.0f} seconds. "
        "Look at /api/v1/notifications and at the log of `make run`."
    )


def masked(configuration: Json) -> Json:
    """The configuration with every secret covered."""
    accounts = [
        {
            name: MASK if name in {"password", "ha1"} and value else value
            for name, value in a.items()
        }
        for a in configuration["accounts"]
    ]
    return {**configuration, "accounts": accounts}
