"""Pages of an organization with ten thousand devices are as quick as those of a small one."""

import asyncio
import os
import re
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
"""Of processor time, of the portal and the services behind it: what else runs here counts not."""
TIMES = 20
TICKS = os.sysconf("SC_CLK_TCK")
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
    "/users/new",
    "/desks/new",
    "/imports",
    "/board",
    "/history",
    "/seat-hours",
)
LONGEST_PAGE_BYTES = 120_000
"""Ten thousand of anything in one page would be more than this, whatever is shown of each."""


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
            taken = {page: await seconds(http, page, headers, product) for page in pages}
    assert {page: one for page, one in taken.items() if one > SERVER_SECONDS} == {}


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


async def seconds(
    http: httpx.AsyncClient, page: str, headers: dict[str, str], product: Product
) -> float:
    """Processor seconds that the product takes for a page, once its template has been read."""
    await looked(http, page, headers)
    before = used(product)
    for _ in range(TIMES):
        await looked(http, page, headers)
    return (used(product) - before) / TIMES


async def looked(http: httpx.AsyncClient, page: str, headers: dict[str, str]) -> None:
    answer = await http.get(page, headers=headers)
    assert answer.status_code == 200, page
    assert len(answer.content) < LONGEST_PAGE_BYTES, page


def used(product: Product) -> float:
    """Processor seconds of the process so far; the broker has one of its own."""
    assert product.process is not None
    stat = Path(f"/proc/{product.process.pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS
