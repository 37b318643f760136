"""Three organizations to look at: one with some of everything, a crowd, and an empty one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from switchboard.demo.client import Client, Json
from switchboard.demo.organization import DemoOrganization
from tests.e2e.portal import furnished
from tests.e2e.product import Product
from tests.e2e.sights.crowd import crowded
from tests.patient import http_to

Who = Literal["nobody", "administrator", "manager", "newcomer", "german", "agent", "supervisor"]

PASSWORD = "correct horse battery staple"
MINUTE = timedelta(minutes=1)
NAMES = {"mailed": "Ada's laptop", "activated": "Ada's tablet", "drifted": "Ada's car"}
DESKS = {"Desk 13": None, "Desk 14": 4.0, "Quiet room": 0.5}
AGENTS = {
    "mary": {"state": "available"},
    "joan": {"state": "wrap_up"},
    "dorothy": {"state": "unavailable", "reason": "Lunch with the team from the other building"},
}


@dataclass
class Scene:
    """A product that is furnished: who signs in with what, and where pages are, by name."""

    product: Product
    admin: Client
    people: dict[Who, tuple[str, str]]
    pages: dict[str, str]

    async def all_out(self) -> None:
        """End the sessions of agents and supervisors, so that others may begin."""
        await self.admin._send("DELETE", "/api/v1/sessions", None)

    async def out(self, user_id: str) -> None:
        """End the session of somebody, as a supervisor does."""
        for one in (await self.admin.read("/api/v1/sessions"))["items"]:
            if one["user_id"] == user_id:
                path = f"/api/v1/sessions/{one['session_id']}"
                await self.admin._send("DELETE", path, None)


@asynccontextmanager
async def furnished_scene(product: Product) -> AsyncIterator[Scene]:
    """Fill a fresh product. It takes some seconds."""
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(product.administrator())
        http = await stack.enter_async_context(http_to(product.url))
        manager = Client(http)
        pages = await furnished(admin)
        pages |= await _devices(admin, pages)
        pages |= await _floor(admin, product, pages)
        people = await _people(admin, product)
        pages |= await crowded(manager, *people["manager"])
        yield Scene(product, admin, people, pages)


async def _people(admin: Client, product: Product) -> dict[Who, tuple[str, str]]:
    demo = DemoOrganization.kept(product.data)
    assert demo is not None
    for name, role in (("grace", "agent"), ("boss", "supervisor")):
        body = {"user_id": f"{name}@{demo.domain}", "password": PASSWORD, "role": role}
        await admin.command("/api/v1/users", {**body, "first_name": "Grace", "last_name": "Boss"})
    manager, newcomer = "manager@crowd.example", "new@empty.example"
    for user_id in (manager, newcomer):
        domain = user_id.partition("@")[2]
        first = {"user_id": user_id, "password": PASSWORD, "first_name": "A", "last_name": "B"}
        body = {"name": domain.partition(".")[0].capitalize(), "domain": domain}
        await admin.command("/api/v1/organizations", {**body, "administrator": first})
    return {
        "administrator": (demo.user_id, demo.password),
        "agent": (f"grace@{demo.domain}", PASSWORD),
        "supervisor": (f"boss@{demo.domain}", PASSWORD),
        "manager": (manager, PASSWORD),
        "german": (manager, PASSWORD),
        "newcomer": (newcomer, PASSWORD),
    }


async def _devices(admin: Client, pages: dict[str, str]) -> dict[str, str]:
    """One device per state that `furnished` leaves out."""
    contact = pages["contact"]
    account = pages["sip-account"].rpartition("/")[2]
    made: dict[str, str] = {}
    for state, name in NAMES.items():
        body = {"name": name, "sip_account_ids": [account]}
        made[state] = (await admin.command(f"/api/v1{contact}/devices", body))["id"]
    mails = f"/api/v1/activations/{made['mailed']}/instructions"
    await admin.command(mails, {"addresses": ["ada@example.com", "ada@home.example"]})
    for state in ("activated", "drifted"):
        await _exchanged(admin, made[state])
    more = {"sip_account_ids": [account, await _second(admin, pages["provider"])]}
    await admin.change(f"/api/v1/devices/{made['drifted']}", more)
    return {f"device-{state}": f"/devices/{one}" for state, one in made.items()}


async def _second(admin: Client, provider: str) -> str:
    body = {"friendly_name": "Spare line", "username": "1002", "protocol": "tcp"}
    made = await admin.command(
        f"/api/v1{provider}/sip-accounts", {**body, "password_entered_on_device": True}
    )
    return str(made["id"])


async def _exchanged(admin: Client, device_id: str) -> None:
    code = (await admin.read(f"/api/v1/activations/{device_id}"))["code"]
    client = {"name": "Softphone", "version": "5.2"}
    body = {"code": code, "installation_id": device_id, "client": client}
    await admin.command("/api/v1/activate", body)


async def _floor(admin: Client, product: Product, pages: dict[str, str]) -> dict[str, str]:
    """Three agents, two of them at a desk and one who has gone, and desks that are free."""
    domain = (await admin.read("/api/v1/organization"))["domains"][0]
    await admin._send("PUT", "/api/v1/sign-in-policy", {"grace_seconds": 3600})
    desks = {name: await _desk(admin, pages, name, hours) for name, hours in DESKS.items()}
    for (name, state), desk in zip(AGENTS.items(), desks.values(), strict=True):
        user = {"user_id": f"{name}@{domain}", "password": PASSWORD, "role": "agent"}
        names = {"first_name": name.capitalize(), "last_name": "Agent"}
        await admin.command("/api/v1/users", user | names)
        await _seated(product, user["user_id"], desk, state, leaves=name == "dorothy")
    moment = f"{datetime.now(UTC) + MINUTE:%Y-%m-%dT%H:%M}"
    return {"history-answer": f"/history?desk={desks['Desk 13']}&at={moment}"}


async def _desk(admin: Client, pages: dict[str, str], name: str, hours: float | None) -> str:
    body: Json = {"name": name, "sip_account_ids": [pages["sip-account"].rpartition("/")[2]]}
    device = await admin.command(f"/api/v1{pages['contact']}/devices", body)
    body = {"name": name, "device_id": device["id"], "hot_desk": True, "max_hours": hours}
    return str((await admin.command("/api/v1/desks", body))["id"])


async def _seated(
    product: Product, user_id: str, desk: str | None, state: Json, *, leaves: bool
) -> None:
    async with http_to(product.url) as http:
        client = Client(http)
        body = {"user_id": user_id, "password": PASSWORD, "machine_id": user_id}
        answer = await client._send("POST", "/api/v1/sign-in", {**body, "desk_id": desk})
        client._token = answer.json()["access_token"]
        await client._send("PUT", "/api/v1/session/acd-state", state)
        if leaves:
            await client._send("POST", "/api/v1/sign-out", None)
