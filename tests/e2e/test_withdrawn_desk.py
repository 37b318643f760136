"""A desk goes with its device, in the whole product."""

import pytest

from chassis.testing.eventually import eventually
from tests.e2e.authorization.scene import Organization
from tests.e2e.product import Product
from tests.patient import http_to

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.slow
async def test_i25_removing_a_desks_device_signs_its_guest_out(product: Product) -> None:
    async with http_to(product.url) as http:
        here = Organization(http, "withdrawn.example")
        await here.open()
        admin = {"Authorization": f"Bearer {here.tokens['administrator']}"}
        agent = {"Authorization": f"Bearer {here.tokens['agent']}"}
        seat = {"desk_id": here.ids["desk_id"]}
        taken = await http.put("/api/v1/session/desk", json=seat, headers=agent)
        assert taken.status_code == 200
        device = f"/api/v1/devices/{here.ids['desk_device_id']}"
        assert (await http.delete(device, headers=admin)).status_code == 204

        async def is_signed_out() -> bool:
            return (await http.get("/api/v1/session", headers=agent)).status_code == 401

        await eventually(is_signed_out)

        async def reasons() -> list[str]:
            past = await http.get("/api/v1/sessions/history", headers=admin)
            return [one["reason"] for one in past.json()["items"]]

        async def is_told() -> bool:
            return "desk_withdrawn" in await reasons()

        await eventually(is_told)

        async def no_desk() -> bool:
            return not (await http.get("/api/v1/desks", headers=admin)).json()["items"]

        await eventually(no_desk)
