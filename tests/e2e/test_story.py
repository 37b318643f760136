"""From an empty organization to a configuration on a softphone, on real parts."""

from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Refusal
from switchboard.demo.people import Provisioning, rows
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.product import Product
from tests.patient import http_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLE = Path(__file__).parents[2] / "examples" / "people.csv"
ADA = Person("Ada", "Lovelace", "ada@demo.example")


async def test_a_device_is_created_its_code_mailed_and_exchanged(product: Product) -> None:
    steps: list[str] = []
    async with product.administrator() as client:
        told = await tell(client, ADA, new_run(), steps.append)
    first, *rest = told.configuration["accounts"]
    assert (first["username"], first["server"], first["transport"]) == (
        "1001",
        "sip.telecom.example",
        "udp",
    )
    assert [account["enabled"] for account in (first, *rest)] == [True, False, False, False]
    assert len(steps) == 8


async def test_the_password_reaches_the_device_and_nobody_else(product: Product) -> None:
    run = new_run()
    async with product.administrator() as client:
        device_id, code = await _device(client, run)
        shown = await client.read(f"/api/v1/devices/{device_id}/configuration")
        exchanged = await client.command("/api/v1/activate", {"code": code, "installation_id": run})
    assert run not in str(shown)
    assert exchanged["configuration"]["accounts"][0]["password"] == f"{run}-password"


async def test_i13_a_code_is_exchanged_once_by_another_installation(product: Product) -> None:
    run = new_run()
    async with product.administrator() as client:
        _, code = await _device(client, run)
        await client.command("/api/v1/activate", {"code": code, "installation_id": "one"})
        with pytest.raises(Refusal) as refused:
            await client.command("/api/v1/activate", {"code": code, "installation_id": "two"})
    assert refused.value.status == 404


async def test_a6_every_organization_starts_with_a_default_provider(product: Product) -> None:
    async with product.administrator() as client:
        providers = (await client.read("/api/v1/providers"))["items"]
    assert [p["name"] for p in providers if p["is_default"]] == ["Phone system"]


async def test_a_device_is_seen_as_activated_after_the_exchange(product: Product) -> None:
    run = new_run()
    async with product.administrator() as client:
        device_id, code = await _device(client, run)
        before = await client.read(f"/api/v1/devices/{device_id}")
        await client.command("/api/v1/activate", {"code": code, "installation_id": run})

        async def activated() -> bool:
            # A softphone has exchanged it: no position of that is known here.
            after = await client.read(f"/api/v1/devices/{device_id}")
            assert after["configuration_revision"] == 1
            return bool((after["state"], after["fetched_revision"]) == ("activated", 1))

        await eventually(activated)
    assert before["state"] == "waiting"


async def test_another_organization_sees_nothing_of_this_one(product: Product) -> None:
    async with product.administrator() as client:
        device_id, _ = await _device(client, new_run())
    async with http_to(product.url) as http:
        stranger = await _stranger(http)
        for path in (f"/api/v1/devices/{device_id}", f"/api/v1/activations/{device_id}"):
            with pytest.raises(Refusal) as foreign:
                await stranger.read(path)
            with pytest.raises(Refusal) as unknown:
                await stranger.read(path.replace(device_id, device_id[::-1].replace("-", "0")))
            assert foreign.value.status == unknown.value.status == 404
            assert str(foreign.value) == str(unknown.value)


async def test_every_row_of_the_example_is_provisioned_and_mailed(product: Product) -> None:
    async with product.administrator() as client:
        work = Provisioning(client)
        people = rows(EXAMPLE)
        done = [await work.provision(row) for row in people]
        again = [await work.provision(row) for row in people]
    assert [d.refusal for d in done] == [None] * 25
    assert [d.code for d in again] == [d.code for d in done]


async def _device(client: Client, run: str) -> tuple[str, str]:
    provider = await client.command(
        "/api/v1/providers", {"name": "Telecom", "sip_server": "sip.telecom.example"}
    )
    account = await client.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {
            "friendly_name": "Desk",
            "username": "1001",
            "protocol": "UDP",
            "password": f"{run}-password",
        },
    )
    contact = await client.command(
        "/api/v1/contacts",
        {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "emails": [{"address": "ada@demo.example", "label": "Work"}],
        },
    )
    device = await client.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": "Laptop", "sip_account_ids": [account["id"]]},
    )
    activation = await client.read(f"/api/v1/activations/{device['id']}")
    return device["id"], activation["code"]


async def _stranger(http: httpx.AsyncClient) -> Client:
    client, domain = Client(http), f"{new_run()}.example"
    body = {
        "name": "Other",
        "domain": domain,
        "administrator": {
            "user_id": "root",
            "password": "correct horse battery",
            "first_name": "O",
            "last_name": "T",
        },
    }
    await client.command("/api/v1/organizations", body)
    await client.sign_in(f"root@{domain}", "correct horse battery", machine_id=domain)
    return client
