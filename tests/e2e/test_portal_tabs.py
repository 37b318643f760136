"""Many tabs of one browser: live parts share its few connections, and no page has to wait."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request

from switchboard.demo.client import Client
from tests.e2e.browser import launched
from tests.e2e.portal import furnished, signed_in, visitor
from tests.e2e.product import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")
TABS = 8
"""A browser opens six connections to one server."""
PATIENCE_MILLISECONDS = 60_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


async def devices(client: Client, number: int) -> list[str]:
    """Paths of new devices of one contact."""
    shown = (await furnished(client))["device"]
    device = await client.read(f"/api/v1{shown}")
    path = f"/api/v1/contacts/{device['contact_id']}/devices"
    body = {"sip_account_ids": device["sip_account_ids"]}
    made = [await client.command(path, {"name": f"Tab {n}", **body}) for n in range(number)]
    return [f"/devices/{one['id']}" for one in made]


@asynccontextmanager
async def tabs(browser: Browser, product: Product) -> AsyncIterator[list[Page]]:
    """So many tabs of somebody who is signed in, and one more."""
    async with visitor(browser, product) as context:
        looked = await signed_in(context, product)
        yield [looked.page, *[await context.new_page() for _ in range(TABS)]]


async def test_parts_of_eight_tabs_stay_live_and_a_ninth_page_opens(
    browser: Browser, product: Product
) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(product.administrator())
        paths = await devices(client, TABS)
        ninth, *pages = await stack.enter_async_context(tabs(browser, product))
        for page, path in zip(pages, paths, strict=True):
            await page.goto(path)
        await ninth.goto("/contacts")
        for path in paths:
            await client.command(f"/api/v1{path}/deactivate", {"reason": "lost"})
        for page in pages:
            changed = page.locator("[data-state=deactivated]")
            await changed.wait_for(timeout=PATIENCE_MILLISECONDS)


async def test_tabs_that_show_the_same_share_one_stream(browser: Browser, product: Product) -> None:
    asked: list[str] = []

    def noted(request: Request) -> None:
        if request.url.endswith("/live"):
            asked.append(request.url)

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(product.administrator())
        (path,) = await devices(client, 1)
        ninth, *pages = await stack.enter_async_context(tabs(browser, product))
        ninth.context.on("request", noted)
        for page in pages:
            await page.goto(path)
        await client.command(f"/api/v1{path}/deactivate", {"reason": "lost"})
        for page in pages:
            changed = page.locator("[data-state=deactivated]")
            await changed.wait_for(timeout=PATIENCE_MILLISECONDS)
        # The tab that had the stream goes away: another one takes it up.
        await pages[0].close()
        await client.command(f"/api/v1{path}/reactivate", {})
        for page in pages[1:]:
            changed = page.locator("[data-state=waiting]")
            await changed.wait_for(timeout=PATIENCE_MILLISECONDS)
    assert len(asked) < TABS // 2
