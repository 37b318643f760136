"""Pages of an organization with ten thousand devices are as quick as those of a small one."""

import asyncio
import re
import statistics
import time
from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Refusal
from switchboard.demo.organization import DemoOrganization
from tests.e2e.product import Product, running

pytestmark = pytest.mark.nightly
DEVICES = 10_000
AT_A_TIME = 1_000
SERVER_SECONDS = 0.05
TIMES = 9
IMPORT_SECONDS = 900
PAUSE_SECONDS = 5
COLUMNS = (
    "first_name,last_name,email_work,device_name,provider,sip_friendly_name,sip_username,"
    "sip_password,protocol"
)
PAGES = (
    "/home",
    "/providers",
    "/sip-accounts?q=line+77",
    "/contacts",
    "/contacts?q=last999",
    "/devices",
    "/devices?only=waiting",
    "/devices?only=drift",
    "/users",
    "/desks/new",
)


async def test_a_page_answers_at_once_with_ten_thousand_devices(tmp_path: Path) -> None:
    async with running(tmp_path) as product:
        async with product.administrator() as client:
            await imported(client)
        await eventually(lambda: all_there(product), IMPORT_SECONDS)
        async with httpx.AsyncClient(base_url=product.url, timeout=30) as http:
            headers = await signed_in(http, product)
            listed = (await http.get("/devices", headers=headers)).text
            device = re.findall(r'href="(/devices/[0-9a-f-]{36})"', listed)[0]
            pages = (*PAGES, device, f"{device}/trail", f"{device}/edit")
            slow = {
                page: seconds for page in pages if (seconds := await median(http, page, headers))
            }
    assert slow == {}


async def imported(client: Client) -> None:
    for first in range(0, DEVICES, AT_A_TIME):
        rows = (
            f"First{n},Last{n},p{n}@example.com,Phone {n},Phone system,Line {n},u{n},secret-{n},udp"
            for n in range(first, first + AT_A_TIME)
        )
        await client.upload("/api/v1/imports", "\n".join((COLUMNS, *rows)).encode())


async def all_there(product: Product) -> bool:
    """Whether the imports are through. It takes longer than an access token is good."""
    await asyncio.sleep(PAUSE_SECONDS)
    async with product.administrator() as client:
        counts = await client.read("/api/v1/counts")
        return bool(counts["devices"] == DEVICES) and await _quiet(client)


async def _quiet(client: Client) -> bool:
    """Every device gets a code after the import: a page is measured, not what goes on beside it."""
    last = (await client.read("/api/v1/devices?sort=-created&limit=1"))["items"][0]
    try:
        await client.read(f"/api/v1/activations/{last['id']}")
    except Refusal:
        return False
    return True


async def signed_in(http: httpx.AsyncClient, product: Product) -> dict[str, str]:
    """The headers of a browser, without the position of a change: it has not made any."""
    demo = DemoOrganization.kept(product.data)
    assert demo is not None
    html = {"Accept": "text/html"}
    page = await http.get("/sign-in", headers=html)
    machine = page.headers["set-cookie"].partition(";")[0]
    token = page.text.split('name="_token" value="')[1].partition('"')[0]
    form = {"_token": token, "user_id": demo.user_id, "password": demo.password}
    answer = await http.post("/sign-in", data=form, headers={**html, "Cookie": machine})
    given = [one.partition(";")[0] for one in answer.headers.get_list("set-cookie")]
    kept = [one for one in given if "signed-in" in one]
    return {**html, "Cookie": "; ".join([machine, *kept])}


async def median(http: httpx.AsyncClient, page: str, headers: dict[str, str]) -> float | None:
    """Seconds, if they are too many."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await http.get(page, headers=headers)
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, page
    found = statistics.median(taken)
    return found if found > SERVER_SECONDS else None
