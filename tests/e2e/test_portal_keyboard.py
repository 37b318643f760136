"""The portal without a mouse: everything is reached in order, seen, and left again."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import CHROMIUM, launched
from tests.e2e.portal import furnished, signed_in, visitor
from tests.e2e.product import Product
from tests.e2e.sights.keyboard import walked

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
FEW = ("home", "contacts", "contact-edit", "device", "device-new", "device-past")
PATIENCE_MILLISECONDS = 30_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(product: Product) -> dict[str, str]:
    async with product.administrator() as client:
        return await furnished(client)


@pytest.mark.parametrize("width", [pytest.param(360, marks=pytest.mark.nightly), 1280])
async def test_tab_reaches_everything_in_reading_order_and_leaves_the_page(
    browser: Browser, product: Product, pages: dict[str, str], width: int
) -> None:
    found: dict[str, list[str]] = {}
    async with visitor(browser, product, width) as context:
        page = (await signed_in(context, product)).page
        for name in FEW:
            await page.goto(pages[name])
            if wrong := await walked(page):
                found[name] = wrong
    assert found == {}


async def test_the_first_tab_offers_to_skip_bar_and_menu(
    browser: Browser, product: Product, pages: dict[str, str]
) -> None:
    async with visitor(browser, product) as context:
        page = (await signed_in(context, product)).page
        await page.goto(pages["contacts"])
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await expect(page.locator(".skip")).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.locator("main a").first).to_be_focused()


async def test_a_question_opens_with_enter_begins_at_cancel_and_closes_with_escape(
    browser: Browser, product: Product, pages: dict[str, str]
) -> None:
    async with visitor(browser, product) as context:
        page = (await signed_in(context, product)).page
        await page.goto(pages["contact"])
        opener = page.locator("[popovertarget=erase]").first
        await opener.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#erase button.secondary")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.locator("#erase button.danger")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#erase")).to_be_hidden()
        await expect(opener).to_be_focused()


async def test_the_menu_of_a_phone_opens_and_closes_without_a_mouse(
    browser: Browser, product: Product
) -> None:
    async with visitor(browser, product, 360) as context:
        page = (await signed_in(context, product)).page
        await page.focus(".menu-button")
        await page.keyboard.press("Enter")
        await expect(page.locator("#menu")).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(page.locator("#menu a").first).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator("#menu")).to_be_hidden()
        await expect(page.locator(".menu-button")).to_be_focused()


async def test_what_is_folded_unfolds_with_the_space_bar(
    browser: Browser, product: Product, pages: dict[str, str]
) -> None:
    async with visitor(browser, product) as context:
        page = (await signed_in(context, product)).page
        await page.goto(pages["provider-new"])
        await _pressed(page, "main summary", "Space")
        await expect(page.locator("#sip_proxy")).to_be_visible()


async def _pressed(page: Page, selector: str, key: str) -> None:
    await page.focus(selector)
    await page.keyboard.press(key)
