"""An organization of many people, and of names as long as they get."""

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client

PEOPLE = 60
COLUMNS = (
    "first_name,last_name,email_work,device_name,provider,sip_friendly_name,sip_username,"
    "sip_password,protocol"
)
LONG = "Bartholomäus-Maximilian von und zu Hohenlohe-Langenburgstein"
WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenwart"
ADDRESS = "bartholomaeus-maximilian.hohenlohe-langenburgstein@long-names.crowd.example"


async def crowded(manager: Client, user_id: str, password: str) -> dict[str, str]:
    """Fill the organization of this administrator; paths of its pages by name."""
    await manager.sign_in(user_id, password, machine_id="the crowd")
    imported = await _imported(manager)
    provider = await manager.command(
        "/api/v1/providers", {"name": LONG, "sip_server": f"sip.{'very-' * 9}long.crowd.example"}
    )
    account = await manager.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {"friendly_name": WORD, "username": "1" * 40, "protocol": "udp", "password": "p" * 20},
    )
    email = {"address": ADDRESS, "label": "work"}
    contact = await manager.command(
        "/api/v1/contacts", {"first_name": LONG, "last_name": WORD, "emails": [email]}
    )
    device = await manager.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": f"{LONG}s Telefon", "sip_account_ids": [account["id"]]},
    )
    await manager.command("/api/v1/desks", {"name": WORD, "device_id": device["id"]})
    names = {"first_name": LONG, "last_name": WORD, "role": "supervisor"}
    await manager.command("/api/v1/users", {"user_id": f"{'very.' * 8}long@crowd.example", **names})
    return {
        "crowd-import": f"/imports/{imported}",
        "crowd-provider": f"/providers/{provider['id']}",
        "crowd-sip-account": f"/sip-accounts/{account['id']}",
        "crowd-contact": f"/contacts/{contact['id']}",
        "crowd-contact-edit": f"/contacts/{contact['id']}/edit",
        "crowd-device": f"/devices/{device['id']}",
        "crowd-device-edit": f"/devices/{device['id']}/edit",
        "crowd-device-past": f"/devices/{device['id']}/past",
        "crowd-device-trail": f"/devices/{device['id']}/trail",
    }


async def _imported(manager: Client) -> str:
    rows = (
        f"First{n:02},Last{n:02},person{n}@crowd.example,Phone {n},,Line {n:02},{2000 + n},"
        f"kept-by-nobody-else,udp"
        for n in range(PEOPLE)
    )
    content = "\n".join((COLUMNS, *rows, "")).encode()
    made: str = (await manager.upload("/api/v1/imports", content))["id"]

    async def finished() -> bool:
        state: str = (await manager.read(f"/api/v1/imports/{made}"))["state"]
        return state == "finished"

    await eventually(finished, 60)
    return made
