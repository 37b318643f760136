"""Pages of the running product: every link leads somewhere, and opening the mailed one is free."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client
from switchboard.demo.people import Provisioning, rows
from switchboard.demo.story import new_run
from tests.e2e.product import Product
from tests.patient import http_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXAMPLE = Path(__file__).parents[2] / "examples" / "people.csv"


async def test_every_link_of_the_welcome_page_leads_somewhere(product: Product) -> None:
    async with http_to(product.url) as http:
        page = (await http.get("/")).text
        links = re.findall(r'href="([^"]+)"', page)
        found = {link: (await http.get(link)).status_code for link in links}
    assert {"/activate", "/sign-in", "/dev/mailbox", "/readyz", "/activation/docs"} <= set(found)
    assert set(found.values()) == {200}


async def test_i15_opening_the_mailed_link_consumes_nothing(product: Product) -> None:
    async with product.administrator() as client, http_to() as browser:
        done = await Provisioning(client).provision(rows(EXAMPLE)[0])
        assert done.code is not None
        link = await _mailed_link(client.http, done.code)
        opened = [await browser.get(link) for _ in range(3)]
        exchange = {"code": done.code, "installation_id": new_run()}
        exchanged = await Client(client.http).command("/api/v1/activate", exchange)
    assert link == f"http://localhost:{product.port}/activate#{done.code}"
    assert [(page.status_code, page.headers["content-type"]) for page in opened] == [
        (200, "text/html; charset=utf-8")
    ] * 3
    assert exchanged["device_token"]


async def _mailed_link(http: httpx.AsyncClient, code: str) -> str:
    found: list[str] = []

    async def arrived() -> bool:
        for mail in (await http.get("/dev/mailbox")).json():
            content = (await http.get(f"/dev/mailbox/{mail['id']}")).content
            body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
            found.extend(
                re.findall(rf"http\S+/activate#{code}", body.get_content() if body else "")
            )
        return bool(found)

    await eventually(arrived)
    return found[0]
