"""Pickers in a browser: what is to be chosen is found while one types, and nothing is lost."""

import pytest
from playwright.async_api import Page

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client
from tests.e2e.browser import PATIENCE_MILLISECONDS, launched
from tests.e2e.portal import signed_in, visitor
from tests.e2e.product import Product

pytestmark = [pytest.mark.nightly, pytest.mark.asyncio(loop_scope="module")]
MANY = 60
COLUMNS = "first_name,last_name,email_work,device_name,sip_friendly_name,sip_username,sip_password"
IMPORT_SECONDS = 120


async def test_one_account_of_many_is_found_while_one_types_and_the_form_stays(
    product: Product,
) -> None:
    async with product.administrator() as client:
        await imported(client)
        contact = (await client.read("/api/v1/contacts?limit=1"))["items"][0]["id"]
        async with launched() as browser, visitor(browser, product) as context:
            looked = await signed_in(context, product)
            page = looked.page
            await page.goto(f"/contacts/{contact}/devices/new")
            await page.fill("#name", "Desk phone")
            assert not await offered(page, "Line 59")
            await page.locator("#_name").press_sequentially("line 59")
            option = page.locator("#account-0 option", has_text="Line 59")
            await option.wait_for(state="attached", timeout=PATIENCE_MILLISECONDS)
            assert await page.evaluate("document.activeElement.id") == "_name"
            await page.select_option("#account-0", await option.get_attribute("value"))
            await page.fill("#_name", "")
            await page.fill("#_name", "line 10")
            other = page.locator("#account-1 option", has_text="Line 10")
            await other.wait_for(state="attached", timeout=PATIENCE_MILLISECONDS)
            assert await page.input_value("#account-0") == await option.get_attribute("value")
            await page.click("main form .actions button[type=submit]")
            await page.wait_for_selector("text=The device is saved.")
            assert looked.complaints == []


async def imported(client: Client) -> None:
    rows = (f"A,B{n},b{n}@example.com,Phone {n},Line {n},u{n},secret" for n in range(MANY))
    await client.upload("/api/v1/imports", "\n".join((COLUMNS, *rows)).encode())

    async def there() -> bool:
        return bool((await client.read("/api/v1/counts"))["sip_accounts"] == MANY)

    await eventually(there, IMPORT_SECONDS)


async def offered(page: Page, name: str) -> bool:
    return await page.locator("#account-0 option", has_text=name).count() > 0
