"""The script of pages that stay signed in, in a real browser against the whole product."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Route

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Json
from tests.e2e.browser import CHROMIUM, Tab, launched, tab
from tests.e2e.product import Product, running

PASSWORD = "correct horse battery staple"
LEASE_SECONDS = 6
pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it"),
]


@dataclass
class Floor:
    """The product, somebody in charge, and a browser; each agent is a new one."""

    product: Product
    admin: Client
    browser: Browser
    agents: int = 0

    async def agent(self, **more: object) -> Json:
        """What a fresh agent enters to sign in."""
        self.agents += 1
        domain = (await self.admin.read("/api/v1/organization"))["domains"][0]
        user = {"user_id": f"agent{self.agents}@{domain}", "password": PASSWORD}
        names = {"role": "agent", "first_name": "An", "last_name": "Agent"}
        await self.admin.command("/api/v1/users", {**user, **names})
        return {**user, **more}

    async def sessions(self, user_id: str) -> list[Json]:
        items = (await self.admin.read("/api/v1/sessions?limit=200"))["items"]
        return [item for item in items if item["user_id"] == user_id]

    async def until(self, user_id: str, connections: list[str]) -> None:
        """Wait until an agent's sessions are connected or lost like this."""

        async def so() -> bool:
            return [one["connection"] for one in await self.sessions(user_id)] == connections

        await eventually(so)

    async def sign_out(self, session_id: str) -> None:
        await self.admin._send("DELETE", f"/api/v1/sessions/{session_id}", None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    data = tmp_path_factory.mktemp("product")
    async with (
        running(data, SESSIONS_HEARTBEAT_SECONDS="2") as product,
        product.administrator() as admin,
        launched() as browser,
    ):
        yield Floor(product, admin, browser)


@pytest_asyncio.fixture(loop_scope="module")
async def context(floor: Floor) -> AsyncIterator[BrowserContext]:
    """A browser that nobody has used before."""
    made = await floor.browser.new_context()
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(floor: Floor, context: BrowserContext) -> Tab:
    return await tab(context, floor.product.url)


async def test_b21_a_page_that_lost_the_network_comes_back_by_itself(
    floor: Floor, context: BrowserContext, page: Tab
) -> None:
    form = await floor.agent()
    begun = await page.begin(form)
    await page.becomes("connected")
    await context.set_offline(True)
    assert (await page.becomes("reconnecting"))["detail"] == "This machine is offline."
    await floor.until(form["user_id"], ["lost"])
    await context.set_offline(False)
    await page.becomes("connected")
    assert (await page.ask("session"))["session_id"] == begun["session_id"]
    await floor.until(form["user_id"], ["connected"])
    told = await page.told()
    assert (told[0], "reconnecting" in told, told[-1]) == ("connected", True, "connected")


async def test_b23_who_does_not_stay_signed_in_is_told_that_the_connection_was_lost(
    floor: Floor, context: BrowserContext, page: Tab
) -> None:
    form = await floor.agent(stay_signed_in=False)
    await page.begin(form)
    await page.becomes("connected")
    await context.set_offline(True)
    await floor.until(form["user_id"], [])
    assert (await page.becomes("reconnecting"))["name"] == "reconnecting"
    await context.set_offline(False)
    state = await page.becomes("signed-out")
    assert (state["reason"], state["detail"].partition(",")[0]) == (
        "connection_lost",
        "The connection was lost",
    )


async def test_a_page_is_told_who_signed_it_out(floor: Floor, page: Tab) -> None:
    begun = await page.begin(await floor.agent())
    await page.becomes("connected")
    await floor.sign_out(begun["session_id"])
    state = await page.becomes("signed-out")
    assert state["reason"] == "forced"
    assert state["detail"].endswith("Sign in again to go on.")
    assert (await page.told())[-1] == "signed-out"


async def test_a_page_outlives_a_server_that_dies(floor: Floor, page: Tab) -> None:
    begun = await page.begin(await floor.agent())
    await page.becomes("connected")
    floor.product.kill()
    assert (await page.becomes("reconnecting"))["detail"] == "The server cannot be reached."
    await floor.product.start()
    await page.becomes("connected")
    assert (await page.ask("session"))["session_id"] == begun["session_id"]


async def test_tabs_of_a_browser_refresh_their_tokens_once(
    floor: Floor, context: BrowserContext, page: Tab
) -> None:
    attempts: list[str] = []
    refused: list[int] = []

    at_once, most = 0, 0

    async def refresh(route: Route) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        attempts.append(json.loads(route.request.post_data or "{}")["attempt"])
        answer = await route.fetch()
        at_once -= 1
        refused.extend([] if answer.ok else [answer.status])
        await route.fulfill(response=answer)

    await context.route("**/sign-in/refresh", refresh)
    form = await floor.agent()
    tabs = [page, *[await tab(context, floor.product.url) for _ in range(3)]]
    await page.begin(form)
    await page.spoil()
    await asyncio.gather(*(one.begin() for one in tabs[1:]))
    await asyncio.gather(*(one.ask("session") for one in tabs))
    for one in tabs:
        await one.becomes("connected")
    # One tab may see the tokens of another a moment late: it repeats that same attempt.
    assert (len(set(attempts)), most, refused) == (1, 1, [])
    assert len(await floor.sessions(form["user_id"])) == 1


async def test_one_tab_that_beats_is_enough_for_all(
    floor: Floor, context: BrowserContext, page: Tab
) -> None:
    beats: list[str] = []
    await page.begin(await floor.agent(), seconds=5)
    for _ in range(3):
        await (await tab(context, floor.product.url)).begin(seconds=5)
    context.on("request", lambda r: beats.append(r.url) if "heartbeat" in r.url else None)
    await asyncio.sleep(12)
    # Two, or three; a busy machine may let another tab in between. Each for itself would be eight.
    assert 1 <= len(beats) <= 5


async def test_signing_out_in_one_tab_is_seen_in_the_others(
    floor: Floor, context: BrowserContext, page: Tab
) -> None:
    form = await floor.agent()
    await page.begin(form)
    other = await tab(context, floor.product.url)
    await other.begin()
    await other.becomes("connected")
    await page.page.evaluate("session.signOut()")
    assert (await other.becomes("signed-out"))["reason"] == "user"
    await floor.until(form["user_id"], [])


async def test_a_refresh_whose_answer_got_lost_is_repeated_and_ends_nothing(
    floor: Floor, page: Tab
) -> None:
    answers: list[int] = []

    async def lose_the_first(route: Route) -> None:
        answer = await route.fetch()
        answers.append(answer.status)
        await (route.abort() if len(answers) == 1 else route.fulfill(response=answer))

    form = await floor.agent()
    await page.page.route("**/sign-in/refresh", lose_the_first)
    await page.begin(form)
    await page.becomes("connected")
    await page.spoil()
    await page.becomes("reconnecting")
    await page.becomes("connected")
    assert len(answers) >= 2
    assert set(answers) == {200}
    assert len(await floor.sessions(form["user_id"])) == 1


async def test_a_hidden_page_whose_timers_are_slowed_down_keeps_its_session(
    floor: Floor, context: BrowserContext
) -> None:
    await context.add_init_script(
        "const slow = setTimeout; setTimeout = (f, ms) => slow(f, Math.max(ms, 60000));"
    )
    hidden = await tab(context, floor.product.url)
    form = await floor.agent(stay_signed_in=False)
    begun = await hidden.begin(form)
    await asyncio.sleep(2 * LEASE_SECONDS)
    assert [one["session_id"] for one in await floor.sessions(form["user_id"])] == [
        begun["session_id"]
    ]
    assert await hidden.told() == ["connected"]


async def test_b10_a_page_that_is_loaded_again_has_its_session_and_its_machine(
    floor: Floor, page: Tab
) -> None:
    form = await floor.agent()
    begun = await page.begin(form)
    await page.page.reload()
    await page.begin()
    await page.becomes("connected")
    assert (await page.ask("session"))["session_id"] == begun["session_id"]
    assert (await page.begin(form))["session_id"] == begun["session_id"]


async def test_a_page_whose_server_keeps_the_tokens_gives_two_addresses(page: Tab) -> None:
    answers: list[dict[str, Any]] = [
        {"status": 204},
        {"status": 503, "json": {"detail": "The broker is away."}},
        {"status": 401, "json": {"reason": "limit", "detail": "Your time is over."}},
    ]
    requests: list[tuple[str, str | None]] = []

    async def answer(route: Route) -> None:
        requests.append((route.request.method, route.request.headers.get("x-csrf")))
        await route.fulfill(**answers[len(requests) - 1])

    await page.page.route("**/session/beat", answer)
    await page.page.evaluate(
        """async () => {
            const { Session, cookie } = await import("/assets/session.js");
            const transport = cookie({ beat: "session/beat", headers: { "X-CSRF": "t" } });
            window.told = [];
            const onstate = ({ name, detail }) => told.push([name, detail]);
            window.session = new Session(transport, { seconds: 3, onstate });
        }"""
    )
    assert (await page.becomes("signed-out"))["reason"] == "limit"
    assert [tuple(one) for one in await page.told()] == [
        ("connected", None),
        ("reconnecting", "The broker is away."),
        ("signed-out", "Your time is over."),
    ]
    assert requests == [("POST", "t")] * 3
