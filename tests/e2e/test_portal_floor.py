"""The floor in browsers: an agent hot-desks, goes offline and comes back; a supervisor looks on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from switchboard.demo.client import Json
from tests.e2e.browser import CHROMIUM, launched
from tests.e2e.hot_desk import PASSWORD, hot_desk
from tests.e2e.portal import PATIENCE_MILLISECONDS, Looked, look, visitor
from tests.e2e.product import Product, running
from tests.e2e.test_portal_pages import wrong_with

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
HEARTBEAT_SECONDS = "2"


@dataclass
class Floor:
    """A running product with a hot desk, its agent, a supervisor, and browsers."""

    product: Product
    browser: Browser
    agent: Json
    supervisor: Json


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    data = tmp_path_factory.mktemp("product")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    async with (
        running(data, SESSIONS_HEARTBEAT_SECONDS=HEARTBEAT_SECONDS) as product,
        launched() as browser,
        product.administrator() as admin,
    ):
        agent = (await hot_desk(admin, "Desk 12", "grace")).sign_in
        domain = agent["user_id"].partition("@")[2]
        supervisor = {"user_id": f"boss@{domain}", "password": PASSWORD}
        names = {"role": "supervisor", "first_name": "The", "last_name": "Boss"}
        await admin.command("/api/v1/users", {**supervisor, **names})
        yield Floor(product, browser, agent, supervisor)


async def signed_in(context: BrowserContext, who: Json, lands_on: str) -> Looked:
    looked = await look(context)
    await looked.page.goto("/sign-in")
    await looked.page.fill("#user_id", who["user_id"])
    await looked.page.fill("#password", who["password"])
    await looked.page.click("main button[type=submit]")
    await looked.page.wait_for_url(f"**{lands_on}")
    return looked


async def test_b3_b21_an_agent_takes_a_desk_loses_the_network_comes_back_and_is_signed_out(
    floor: Floor,
) -> None:
    product, browser = floor.product, floor.browser
    async with visitor(browser, product) as at_desk, visitor(browser, product) as in_charge:
        agent = await signed_in(at_desk, floor.agent, "/my-session")
        boss = await signed_in(in_charge, floor.supervisor, "/board")
        row = boss.page.locator("tr", has_text=floor.agent["user_id"])
        await expect(row).to_contain_text("Connected")

        await takes_the_desk(agent.page)
        await expect(row).to_contain_text("Desk 12")

        await at_desk.set_offline(True)
        await expect(agent.page.locator("#connection")).to_have_text("Reconnecting …")
        await expect(agent.page.locator("#offline")).to_contain_text("comes back by itself")
        await expect(agent.page.locator("#leave-desk")).to_be_disabled()
        await expect(row).to_contain_text("Connection lost")

        await at_desk.set_offline(False)
        await expect(agent.page.locator("#connection")).to_have_text("Connected")
        await expect(agent.page.locator("#offline")).to_be_hidden()
        await expect(agent.page.locator(".desk-name")).to_have_text("Desk 12")
        await expect(row).not_to_contain_text("Connection lost")
        agent.complaints.clear()  # of the network

        await agent.page.fill("#reason", "Lunch")
        await agent.page.click("button[value=unavailable]")
        await expect(row).to_contain_text("Lunch")

        await signs_out(boss.page, floor.agent["user_id"])
        await expect(row).to_have_count(0)
        why = "You were signed out by a supervisor or administrator."
        await expect(agent.page.locator("#session-over-why")).to_have_text(why)
        await agent.page.click("#session-over-way")
        await expect(agent.page.locator("main [role=alert]")).to_contain_text(why)
        await leaves(boss.page)
        assert agent.complaints + boss.complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
async def test_no_page_of_agents_and_supervisors_has_a_barrier_or_a_sideways_scroll(
    floor: Floor, scheme: Literal["light", "dark"], width: int
) -> None:
    product, browser = floor.product, floor.browser
    async with (
        visitor(browser, product, width, scheme, bypass_csp=True) as at_desk,
        visitor(browser, product, width, scheme, bypass_csp=True) as in_charge,
    ):
        agent = await signed_in(at_desk, floor.agent, "/my-session")
        boss = await signed_in(in_charge, floor.supervisor, "/board")
        person = await boss.page.get_attribute(f"a:has-text('{floor.agent['user_id']}')", "href")
        assert person is not None
        found = await wrong_with(agent, {"floor": "/floor", "my-session": "/my-session"})
        found |= await wrong_with(boss, {"board": "/board", "person": person})
        for one in (agent, boss):
            await leaves(one.page)
    assert found == {}


async def takes_the_desk(page: Page) -> None:
    await page.click("text=Choose a desk")
    await page.click("button[aria-label='Take Desk 12']")
    await page.wait_for_url("**/my-session")
    await expect(page.locator(".desk-name")).to_have_text("Desk 12")


async def signs_out(page: Page, user_id: str) -> None:
    await page.click(f"a:has-text('{user_id}')")
    await page.click("text=Sign out … >> nth=0")
    await expect(page.locator("#sign-out")).to_contain_text(f"Sign {user_id} out?")
    await page.click("#sign-out button.danger")
    await page.wait_for_url("**/board")


async def leaves(page: Page) -> None:
    await page.click(".person")
    await page.click("#person button")
    await page.wait_for_url("**/sign-in")
