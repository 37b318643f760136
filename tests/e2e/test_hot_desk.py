"""A hot desk in the whole product: its phone is the agent's while the agent sits there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import PATIENCE_SECONDS
from switchboard.demo.client import Client, Json, Refusal
from tests.e2e.product import Product, running
from tests.patient import http_to

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with running(tmp_path / "var") as started:
        yield started


async def account(admin: Client, username: str) -> str:
    provider = await admin.command(
        "/api/v1/providers", {"name": username, "sip_server": "a.example"}
    )
    made = await admin.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {"friendly_name": username, "username": username, "protocol": "udp", "password": PASSWORD},
    )
    return str(made["id"])


async def usernames(http: httpx.AsyncClient, token: str, position: str = "") -> list[str | None]:
    headers = {"Authorization": f"Bearer {token}"}
    if position:
        headers["Switchboard-Position"] = position
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await http.get("/api/v1/configuration", headers=headers)
        while "Switchboard-Stale" in answer.headers:
            answer = await http.get("/api/v1/configuration", headers=headers)
    return [slot.get("username") for slot in answer.json()["accounts"]]


@pytest.mark.slow
async def test_b5_b7_d2_a_desks_phone_is_the_agents_from_sign_in_to_sign_out(
    product: Product,
) -> None:
    async with product.administrator() as admin, http_to(product.url) as http:
        own, guests = await account(admin, "1001"), await account(admin, "2002")
        contact = await admin.command(
            "/api/v1/contacts",
            {
                "first_name": "Desk",
                "last_name": "Twelve",
                "emails": [{"address": "desk@example.org", "label": "work"}],
            },
        )
        device = await admin.command(
            f"/api/v1/contacts/{contact['id']}/devices", {"name": "12", "sip_account_ids": [own]}
        )
        code = (await admin.read(f"/api/v1/activations/{device['id']}"))["code"]
        activated = await admin.command(
            "/api/v1/activate", {"code": code, "installation_id": "phone at desk 12"}
        )
        token = activated["device_token"]
        domain = (await admin.read("/api/v1/organization"))["domains"][0]
        agent = {"user_id": f"alf@{domain}", "password": PASSWORD, "role": "agent"}
        names = {"first_name": "Alf", "last_name": "Agent", "sip_account_ids": [guests]}
        await admin.command("/api/v1/users", {**agent, **names})
        desk = await admin.command(
            "/api/v1/desks", {"name": "12", "device_id": device["id"], "hot_desk": True}
        )
        sign_in: Json = {
            "user_id": agent["user_id"],
            "password": PASSWORD,
            "machine_id": "browser at desk 12",
            "desk_id": desk["id"],
        }
        signed_in = await http.post("/api/v1/sign-in", json=sign_in)
        assert signed_in.status_code == 201, signed_in.text
        bearer = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        position = signed_in.headers["Switchboard-Position"]
        assert await usernames(http, token, position) == ["2002", None, None, None]
        seated = datetime.now(UTC)
        assert (await http.put("/api/v1/session/heartbeat", headers=bearer)).status_code == 204
        left = await http.post("/api/v1/sign-out", headers=bearer)
        position = left.headers["Switchboard-Position"]
        assert await usernames(http, token, position) == ["1001", None, None, None]
        assert (await http.get("/api/v1/session", headers=bearer)).status_code == 401
        past = f"/api/v1/devices/{device['id']}/configuration?at={seated:%Y-%m-%dT%H:%M:%S.%fZ}"
        assert (await admin.read(past))["accounts"][0]["username"] == "2002"
        with pytest.raises(Refusal):
            await admin.command("/api/v1/sign-in", {**sign_in, "password": "wrong password"})
