"""Pictures of every page and state of the portal, to be looked at: `make screenshots`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.e2e.browser import launched
from tests.e2e.portal import Scheme
from tests.e2e.product import running
from tests.e2e.sights.catalogue import sights
from tests.e2e.sights.scene import Scene, furnished_scene
from tests.e2e.sights.viewing import viewing

FOLDER = Path("var/screenshots")
TAKEN: tuple[tuple[int, Scheme], ...] = (
    (1280, "light"),
    (1280, "dark"),
    (360, "light"),
    (360, "dark"),
)
HEARTBEAT_SECONDS = "3"
SETTLED_MILLISECONDS = 300


async def take(folder: Path, only: tuple[str, ...]) -> None:
    """A picture per page and state, width and scheme; of all, or of those that are named."""
    with tempfile.TemporaryDirectory() as data:
        product = running(Path(data), SESSIONS_HEARTBEAT_SECONDS=HEARTBEAT_SECONDS)
        async with product as started, launched() as browser, furnished_scene(started) as scene:
            for width, scheme in TAKEN:
                await _take(browser, scene, width, scheme, folder / f"{width}-{scheme}", only)
    print(f"Look at them in {folder}.")


async def _take(
    browser: Browser,
    scene: Scene,
    width: int,
    scheme: Scheme,
    folder: Path,
    only: tuple[str, ...],
) -> None:
    async with viewing(browser, scene, width, scheme) as eyes:
        for sight in sights(scene):
            if not only or sight.name in only:
                page = await sight.seen(eyes)
                await page.wait_for_timeout(SETTLED_MILLISECONDS)
                await page.screenshot(path=folder / f"{sight.name}.png", full_page=True)
                await sight.left(eyes)


if __name__ == "__main__":
    asyncio.run(take(FOLDER, tuple(sys.argv[1:])))
