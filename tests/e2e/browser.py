"""A real browser that has a page with the session's script open, on the address of the product."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATH = "/a-page-with-a-session"
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
PATIENCE_MILLISECONDS = 60_000
BEAT_SECONDS = 2
BEGIN = """async ({ form, seconds }) => {
    const { Session, Bearer } = await import("/assets/session.js");
    const bearer = new Bearer();
    if (form) window.signedIn = await (await bearer.signIn(form)).json();
    window.told = [];
    const onstate = ({ name }) => name === told.at(-1) || told.push(name);
    window.session = new Session(bearer, { seconds, onstate });
    return window.signedIn;
}"""
ASK = """async (path) => {
    const { Bearer } = await import("/assets/session.js");
    return await (await new Bearer().fetch(path)).json();
}"""


@dataclass(frozen=True)
class Tab:
    """A page that keeps its session alive by the script."""

    page: Page

    async def begin(self, form: dict[str, Any] | None = None, seconds: float = BEAT_SECONDS) -> Any:
        """Start the script, after signing in if there is a form to do it with."""
        return await self.page.evaluate(BEGIN, {"form": form, "seconds": seconds})

    async def becomes(self, name: str) -> dict[str, Any]:
        """Wait until the script says so; everything that it says then."""
        await self.page.wait_for_function(
            "(name) => session.state.name === name", arg=name, timeout=PATIENCE_MILLISECONDS
        )
        state: dict[str, Any] = await self.page.evaluate("session.state")
        return state

    async def told(self) -> list[str]:
        """The names of the states that the page went through."""
        names: list[str] = await self.page.evaluate("told")
        return names

    async def ask(self, path: str) -> Any:
        """What the sessions service says to this page."""
        return await self.page.evaluate(ASK, path)

    async def spoil(self) -> None:
        """Make the access token one that has expired, as after minutes."""
        await self.page.evaluate(
            """() => {
                const kept = JSON.parse(localStorage["switchboard-session-bearer"]);
                kept.access_token = "expired";
                localStorage["switchboard-session-bearer"] = JSON.stringify(kept);
            }"""
        )


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def tab(context: BrowserContext, url: str) -> Tab:
    """Another tab of a browser. A page of this test stands where the product has none."""
    page = await context.new_page()
    await page.route(f"{url}{PATH}", _page)
    await page.goto(f"{url}{PATH}")
    return Tab(page)


async def _page(route: Route) -> None:
    await route.fulfill(
        content_type="text/html",
        headers={"Content-Security-Policy": POLICY},
        body="<!doctype html><title>A page with a session</title>",
    )
