"""Every page of the portal, in both schemes and at both widths: readable, usable, quiet."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.browser import CHROMIUM, launched
from tests.e2e.portal import OPEN, Looked, furnished, look, signed_in, visitor
from tests.e2e.product import Product

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
AXE = Path(__file__).parents[1] / "assets" / "axe" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIRST_PAGE_BYTES = 120_000
ASK_AXE = """async (rules) => {
    const { violations } = await axe.run(document, { runOnly: rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
}"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(product: Product) -> dict[str, str]:
    async with product.administrator() as client:
        return await furnished(client)


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 360),
        ("dark", 1280),
        pytest.param("dark", 360, marks=pytest.mark.nightly),
        pytest.param("light", 1280, marks=pytest.mark.nightly),
    ],
)
async def test_no_page_has_a_barrier_a_sideways_scroll_or_a_complaint(
    browser: Browser,
    product: Product,
    pages: dict[str, str],
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    found: dict[str, Any] = {}
    # axe is put in from outside; the policy itself is held to by another test.
    async with visitor(browser, product, width, scheme, bypass_csp=True) as context:
        looked = await look(context)
        found |= await wrong_with(looked, OPEN)
        looked = await signed_in(context, product)
        found |= await wrong_with(looked, pages)
    assert found == {}


async def wrong_with(looked: Looked, pages: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, path in pages.items():
        await looked.page.goto(path)
        wrong = [*await barriers(looked.page), *looked.complaints]
        if await looked.page.evaluate(TOO_WIDE):
            wrong.append("wider than the screen")
        if wrong:
            found[name] = wrong
        looked.complaints.clear()
    return found


async def barriers(page: Page) -> list[str]:
    await page.add_script_tag(path=AXE)
    found: list[str] = await page.evaluate(ASK_AXE, RULES)
    return found


async def test_the_browser_finds_nothing_against_the_policy_on_any_page(
    browser: Browser, product: Product, pages: dict[str, str]
) -> None:
    found: dict[str, list[str]] = {}
    async with visitor(browser, product) as context:
        looked = await signed_in(context, product)
        for name, path in {**OPEN, **pages}.items():
            await looked.page.goto(path, wait_until="load")
            if looked.complaints:
                found[name] = list(looked.complaints)
            looked.complaints.clear()
    assert found == {}


async def test_the_first_page_is_light(browser: Browser, product: Product) -> None:
    sizes: list[int] = []
    async with visitor(browser, product) as context:
        page = (await look(context)).page
        wire = await context.new_cdp_session(page)
        wire.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
        await wire.send("Network.enable")
        await page.goto("/", wait_until="networkidle")
    assert 3 < len(sizes) < 12
    assert 5_000 < sum(sizes) < FIRST_PAGE_BYTES


async def test_a_form_is_filled_in_and_sent_with_the_keyboard_alone(
    browser: Browser, product: Product
) -> None:
    async with visitor(browser, product, 360) as context:
        page = (await signed_in(context, product)).page
        await page.goto("/contacts/new")
        reached = [await _tabbed(page) for _ in range(20)]
        assert reached[0] == "To the content"
        names = ["first_name", "last_name", "emails.0.address", "emails.0.label", "_more"]
        assert [one for one in reached if one in names][: len(names)] == names
        await page.focus("#first_name")
        for text in ("Alan", "Turing"):
            await page.keyboard.type(text)
            await page.keyboard.press("Tab")
        await page.keyboard.type("alan@example.com")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Alan Turing')")


async def _tabbed(page: Page) -> str:
    await page.keyboard.press("Tab")
    focused: str = await page.evaluate(
        "document.activeElement.name || document.activeElement.textContent.trim()"
    )
    return focused
