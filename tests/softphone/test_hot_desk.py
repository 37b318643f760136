"""The real phone at a hot desk, in the whole product: its guest's while the guest is signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from switchboard.demo.client import Client
from tests.e2e.hot_desk import PASSWORD, HotDesk, hot_desk
from tests.e2e.product import Product, running
from tests.patient import http_to
from tests.softphone.phones import Baresip, Linphone
from tests.softphone.registrar import Registrar

OWN, GUESTS = "desk12", "alf"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with running(tmp_path / "var") as started:
        yield started


@pytest.fixture(params=[Linphone, Baresip], ids=["linphone", "baresip"])
async def phone(
    request: pytest.FixtureRequest, tmp_path: Path, registrar: Registrar, product: Product
) -> AsyncIterator[Linphone | Baresip]:
    """The phone on the desk, before it is plugged in."""
    home = tmp_path / "phone"
    home.mkdir()
    one: Linphone | Baresip = request.param(home)
    yield one
    await one.stop()


async def test_b5_b6_b7_the_phone_registers_as_its_guest_and_after_that_as_the_desk(
    product: Product, registrar: Registrar, phone: Linphone | Baresip
) -> None:
    for username in (OWN, GUESTS):
        registrar.admit(username, PASSWORD)
    async with product.administrator() as admin, http_to(product.url) as http:
        desk = await hot_desk(admin, OWN, GUESTS, "127.0.0.1", registrar.port)
        phone.url = desk.activation["provisioning_url"]
        await phone.start()
        await registrar.sees(OWN)
        signed_in = await http.post("/api/v1/sign-in", json=desk.sign_in)
        await followed(http, admin, desk, signed_in)
        await phone.restart()
        await registrar.sees(GUESTS)
        bearer = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        await followed(http, admin, desk, await http.post("/api/v1/sign-out", headers=bearer))
        await phone.restart()
        await registrar.sees(OWN)
        await phone.stop()
        assert GUESTS not in phone.kept()


async def followed(
    http: httpx.AsyncClient, admin: Client, desk: HotDesk, answer: httpx.Response
) -> None:
    """Wait until activation has done what a sign-in or a sign-out asks of it."""
    assert answer.is_success, answer.text
    headers = {
        "Authorization": f"Bearer {admin._token}",
        "Switchboard-Position": answer.headers["Switchboard-Position"],
    }
    waited = await http.get(f"/api/v1/activations/{desk.device_id}", headers=headers)
    assert waited.status_code == 200
    assert "Switchboard-Stale" not in waited.headers
