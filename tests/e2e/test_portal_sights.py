"""Every page in every state, in both schemes and widths: axe, the browser and the Tab key agree."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.browser import CHROMIUM, launched
from tests.e2e.portal import Scheme
from tests.e2e.product import running
from tests.e2e.sights.catalogue import Sight, sights
from tests.e2e.sights.keyboard import walked
from tests.e2e.sights.scene import Scene, furnished_scene
from tests.e2e.sights.viewing import Viewing, viewing
from tests.e2e.test_portal_pages import TOO_WIDE, barriers

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.nightly,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
HEARTBEAT_SECONDS = "3"
OFFLINE = {"my-session-reconnecting"}
"""Where the network is away, the browser says so."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    data = tmp_path_factory.mktemp("sights")
    async with (
        running(data, SESSIONS_HEARTBEAT_SECONDS=HEARTBEAT_SECONDS) as product,
        furnished_scene(product) as furnished,
    ):
        yield furnished


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_no_state_of_a_page_has_a_barrier_a_sideways_scroll_or_a_complaint(
    browser: Browser, scene: Scene, scheme: Scheme, width: int
) -> None:
    found: dict[str, list[str]] = {}
    async with viewing(browser, scene, width, scheme, bypass_csp=True) as eyes:
        for sight in sights(scene):
            page = await sight.seen(eyes)
            if wrong := await wrong_with(page, sight, eyes):
                found[sight.name] = wrong
            await sight.left(eyes)
    assert found == {}


async def wrong_with(page: Page, sight: Sight, eyes: Viewing) -> list[str]:
    looked = await eyes.looked(sight.who)
    complaints = [] if sight.name in OFFLINE else list(looked.complaints)
    looked.complaints.clear()
    wide = ["wider than the screen"] if await page.evaluate(TOO_WIDE) else []
    return [*complaints, *wide, *await barriers(page)]


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_tab_key_gets_through_every_page(
    browser: Browser, scene: Scene, width: int
) -> None:
    found: dict[str, list[str]] = {}
    async with viewing(browser, scene, width, "light") as eyes:
        for sight in sights(scene):
            page = await sight.seen(eyes)
            # A question that stands open comes after what opened it; others look into that.
            if not await page.locator(":popover-open").count() and (wrong := await walked(page)):
                found[sight.name] = wrong
            await sight.left(eyes)
    assert found == {}
