"""Pictures of every page of the portal, to be looked at one by one: `make screenshots`."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.e2e.browser import launched
from tests.e2e.portal import OPEN, WIDTHS, Looked, furnished, look, signed_in, visitor
from tests.e2e.product import Product, running

FOLDER = Path("var/screenshots")
TAKEN: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (1280, "light"),
    (1280, "dark"),
    (360, "light"),
    (360, "dark"),
)
SETTLED_MILLISECONDS = 300


async def take(folder: Path, only: tuple[str, ...]) -> None:
    """A picture per page, width and scheme; of all pages, or of those that are named."""
    with tempfile.TemporaryDirectory() as data:
        async with running(Path(data)) as product, launched() as browser:
            async with product.administrator() as client:
                pages = await furnished(client)
            for width, scheme in TAKEN:
                await _take(browser, product, folder / f"{width}-{scheme}", pages, only)
    print(f"Look at them in {folder}.")


async def _take(
    browser: Browser, product: Product, folder: Path, pages: dict[str, str], only: tuple[str, ...]
) -> None:
    width, _, scheme = folder.name.partition("-")
    chosen: Literal["light", "dark"] = "dark" if scheme == "dark" else "light"
    assert int(width) in WIDTHS
    async with visitor(browser, product, int(width), chosen) as context:
        await _each(await look(context), folder, OPEN, only)
        await _each(await signed_in(context, product), folder, pages, only)


async def _each(looked: Looked, folder: Path, pages: dict[str, str], only: tuple[str, ...]) -> None:
    for name, path in pages.items():
        if not only or name in only:
            await looked.page.goto(path)
            await looked.page.wait_for_timeout(SETTLED_MILLISECONDS)
            await looked.page.screenshot(path=folder / f"{name}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(take(FOLDER, tuple(sys.argv[1:])))
