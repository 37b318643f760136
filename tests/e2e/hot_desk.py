"""A desk for guests in a running product: its phone, its own account, and an agent with another."""

from dataclasses import dataclass

from switchboard.demo.client import Client, Json

PASSWORD = "correct horse battery staple"
MACHINE = "browser at the desk"


@dataclass(frozen=True)
class HotDesk:
    """What its phone is set up with, and what its guest enters to sign in there."""

    desk_id: str
    device_id: str
    activation: Json
    sign_in: Json


async def hot_desk(
    admin: Client, own: str, guests: str, sip_server: str = "a.example", sip_port: int = 5060
) -> HotDesk:
    """A new desk, of the name of its `own` SIP username; the agent has the `guests`."""
    provider = await admin.command(
        "/api/v1/providers", {"name": own, "sip_server": sip_server, "sip_port": sip_port}
    )
    accounts = {name: await _account(admin, provider["id"], name) for name in (own, guests)}
    email = {"address": "desk@example.org", "label": "work"}
    contact = await admin.command(
        "/api/v1/contacts", {"first_name": "Desk", "last_name": own, "emails": [email]}
    )
    device = await admin.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": own, "sip_account_ids": [accounts[own]]},
    )
    domain = (await admin.read("/api/v1/organization"))["domains"][0]
    agent: Json = {"user_id": f"{guests}@{domain}", "password": PASSWORD}
    names = {"first_name": "An", "last_name": "Agent", "sip_account_ids": [accounts[guests]]}
    await admin.command("/api/v1/users", {**agent, "role": "agent", **names})
    desk = await admin.command(
        "/api/v1/desks", {"name": own, "device_id": device["id"], "hot_desk": True}
    )
    return HotDesk(
        desk_id=desk["id"],
        device_id=device["id"],
        activation=await admin.read(f"/api/v1/activations/{device['id']}"),
        sign_in={**agent, "machine_id": MACHINE, "desk_id": desk["id"]},
    )


async def _account(admin: Client, provider_id: str, username: str) -> str:
    account = {"friendly_name": username, "username": username, "protocol": "udp"}
    made = await admin.command(
        f"/api/v1/providers/{provider_id}/sip-accounts", {**account, "password": PASSWORD}
    )
    return str(made["id"])
