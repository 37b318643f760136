"""The whole story in a browser: from registering to a phone that the open page sees activated."""

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from chassis.testing.eventually import eventually
from tests.e2e.browser import CHROMIUM, launched
from tests.e2e.portal import PATIENCE_MILLISECONDS, look, visitor
from tests.e2e.product import Product
from tests.patient import http_to

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
PASSWORD = "a quiet harbour at night"
SIP_PASSWORD = "sip-secret-of-the-story"
CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}(?:-[BCDFGHJKLMNPQRSTVWXZ]{4}){2}\b")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
async def test_from_registering_to_a_phone_that_is_activated(
    browser: Browser, product: Product, javascript: bool
) -> None:
    name = "harbour" if javascript else "quay"
    async with visitor(browser, product, java_script_enabled=javascript) as context:
        looked = await look(context)
        page = looked.page
        await registered(page, name)
        await a_sip_account(page)
        address = f"ada@{name}.example"
        await a_contact_with_a_device(page, address)
        code = await page.inner_text("#code")
        await page.click("main button:has-text('Send')")
        await page.wait_for_selector("text=The instructions are on their way.")
        assert await code_in_mail(product, address) == code
        if javascript:
            await page.wait_for_selector("#state .badge:has-text('Mailed')")
        await exchanged(product, code)
        await eventually(partial(is_activated, page, javascript))
        await expect(page.locator("#code")).to_be_hidden(timeout=PATIENCE_MILLISECONDS)
        assert SIP_PASSWORD not in await page.content()
        assert looked.complaints == []


async def is_activated(page: Page, javascript: bool) -> bool:
    """Whether the page says so: by itself, or to whoever loads it again."""
    activated = "#state .badge:has-text('Activated')"
    if javascript:
        return await page.locator(activated).is_visible()
    return await is_shown_again(page, activated)


async def is_shown_again(page: Page, selector: str) -> bool:
    """Whether it is there, for whoever loads the page again until it is."""
    if shown := await page.locator(selector).first.is_visible():
        return shown
    await page.reload()
    return await page.locator(selector).first.is_visible()


async def registered(page: Page, name: str) -> None:
    await page.goto("/register")
    await page.fill("[name=name]", name.capitalize())
    await page.fill("[name=domain]", f"{name}.example")
    await page.fill("[name='administrator.first_name']", "Ada")
    await page.fill("[name='administrator.last_name']", "Byron")
    await page.fill("[name='administrator.user_id']", "ada")
    await page.fill("[name='administrator.password']", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/home")


async def a_sip_account(page: Page) -> None:
    await page.click(".checklist a:has-text('Add SIP account')")
    await page.wait_for_url("**/sip-accounts/new")
    # The first provider follows from the organization a moment later: until then there is no form.
    await eventually(partial(is_shown_again, page, "[name=friendly_name]"))
    await page.fill("[name=friendly_name]", "Reception")
    await page.fill("[name=username]", "1001")
    await page.click("text=Save")
    await page.wait_for_selector(".problem")
    assert await page.input_value("[name=friendly_name]") == "Reception"
    await page.fill("[name=password]", SIP_PASSWORD)
    await page.click("text=Save")
    await page.wait_for_selector("text=The SIP account is saved.")
    assert SIP_PASSWORD not in await page.content()


async def a_contact_with_a_device(page: Page, address: str) -> None:
    await page.click("text=Next: add a contact")
    await page.fill("[name=first_name]", "Ada")
    await page.fill("[name=last_name]", "Lovelace")
    await page.fill("[name='emails.0.address']", address)
    await page.click("text=Save")
    await page.wait_for_selector("text=The contact is saved.")
    await page.click("a:has-text('Add device') >> nth=0")
    assert await page.input_value("[name=name]") == "Ada's mobile"
    await page.click("text=Save")
    await page.wait_for_selector("text=The device is saved.")


async def code_in_mail(product: Product, address: str) -> str:
    found: list[str] = []

    async def arrived() -> bool:
        async with http_to(product.url) as http:
            for mail in (await http.get("/dev/mailbox")).json():
                if address in str(mail["to"]):
                    content = (await http.get(f"/dev/mailbox/{mail['id']}")).content
                    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
                    found.extend(CODE.findall(body.get_content() if body else ""))
        return bool(found)

    await eventually(arrived)
    return found[0]


async def exchanged(product: Product, code: str) -> None:
    async with http_to(product.url) as http:
        body = {"code": code, "installation_id": "softphone-of-the-story", "client": {"name": "It"}}
        answer = await http.post("/api/v1/activate", json=body)
    assert answer.status_code == 200
    assert answer.json()["configuration"]["accounts"][0]["password"] == SIP_PASSWORD
