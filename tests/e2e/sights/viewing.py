"""Browsers of everybody who looks at the portal, at one width and in one scheme."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page

from tests.e2e.portal import Looked, Scheme, look, visitor
from tests.e2e.sights.scene import Scene, Who

LANDS_ON = {"agent": "/my-session", "supervisor": "/board"}
LOCALES = {"german": "de-DE"}


@dataclass
class Viewing:
    """Who has which page open. Somebody signs in when first looked over the shoulder."""

    browser: Browser
    scene: Scene
    width: int
    scheme: Scheme
    options: dict[str, Any]
    stack: AsyncExitStack
    seen: dict[Who, Looked] = field(default_factory=dict)

    async def looked(self, who: Who) -> Looked:
        """The page of somebody."""
        if who not in self.seen:
            locale = LOCALES.get(who, "en-GB")
            context = await self.stack.enter_async_context(
                visitor(
                    self.browser,
                    self.scene.product,
                    self.width,
                    self.scheme,
                    locale=locale,
                    **self.options,
                )
            )
            self.seen[who] = looked = await look(context)
            if who in self.scene.people:
                await enter(looked.page, *self.scene.people[who], LANDS_ON.get(who, "/home"))
        return self.seen[who]


async def enter(page: Page, user_id: str, password: str, lands_on: str) -> None:
    """Sign in by the form."""
    await page.goto("/sign-in")
    await page.fill("#user_id", user_id)
    await page.fill("#password", password)
    await page.click("main button[type=submit]")
    await page.wait_for_url(f"**{lands_on}")


@asynccontextmanager
async def viewing(
    browser: Browser, scene: Scene, width: int, scheme: Scheme, **options: Any
) -> AsyncIterator[Viewing]:
    """All of them, and afterwards nobody's session is left that would keep another out."""
    async with AsyncExitStack() as stack:
        yield Viewing(browser, scene, width, scheme, options, stack)
    await scene.all_out()
