"""A hot desk in the whole product: its phone is the agent's while the agent sits there."""

from datetime import UTC, datetime

import httpx
import pytest

from switchboard.demo.client import Refusal
from tests.e2e.hot_desk import hot_desk
from tests.e2e.product import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def usernames(http: httpx.AsyncClient, token: str, position: str = "") -> list[str | None]:
    headers = {"Authorization": f"Bearer {token}"}
    if position:
        headers["Switchboard-Position"] = position
    answer = await http.get("/api/v1/configuration", headers=headers)
    return [slot.get("username") for slot in answer.json()["accounts"]]


@pytest.mark.slow
async def test_a_desks_phone_is_the_agents_from_sign_in_to_sign_out_b5_b7_d2(
    product: Product,
) -> None:
    async with product.administrator() as admin, httpx.AsyncClient(base_url=product.url) as http:
        desk = await hot_desk(admin, "1001", "2002")
        code = {"code": desk.activation["code"], "installation_id": "phone at desk 12"}
        token = (await admin.command("/api/v1/activate", code))["device_token"]
        signed_in = await http.post("/api/v1/sign-in", json=desk.sign_in)
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
        past = f"/api/v1/devices/{desk.device_id}/configuration?at={seated:%Y-%m-%dT%H:%M:%S.%fZ}"
        assert (await admin.read(past))["accounts"][0]["username"] == "2002"
        with pytest.raises(Refusal):
            await admin.command("/api/v1/sign-in", {**desk.sign_in, "password": "wrong password"})
