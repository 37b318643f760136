"""What is done on a page before one looks at it: each leads to a state of the page."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page

from tests.e2e.portal import REFUSED
from tests.e2e.sights.viewing import Viewing

Act = Callable[[Page, Viewing], Awaitable[None]]
UNCHECKED = "for (const form of document.forms) form.noValidate = true"


async def nothing(_page: Page, _viewing: Viewing) -> None:
    """The page as it comes."""


def opened(*selectors: str) -> Act:
    """Click these, one after the other."""

    async def act(page: Page, _viewing: Viewing) -> None:
        for selector in selectors:
            await page.click(selector)

    return act


def menu_opened(page: Page, viewing: Viewing) -> Awaitable[None]:
    """The menu, which always stands open where there is room for it."""
    return opened(".menu-button" if viewing.width < 992 else ".person")(page, viewing)


def sent(button: str = "Save", shows: str = ".problem, .trouble", **fields: str) -> Act:
    """Fill in and send, past what the browser itself checks; wait for what the page says."""

    async def act(page: Page, _viewing: Viewing) -> None:
        await page.evaluate(UNCHECKED)
        for name, value in fields.items():
            await page.fill(f"#{name}", value)
        await page.click(f"main button[type=submit]:visible:has-text('{button}')")
        await page.wait_for_selector(shows)

    return act


async def checked_file(page: Page, _viewing: Viewing) -> None:
    """A file with a row that would be refused."""
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": REFUSED}
    await page.set_input_files("#file", file)  # type: ignore[arg-type]  # a dict of this shape
    await page.click("button[value=check]")
    await page.wait_for_selector("#check-title")


async def printed(page: Page, _viewing: Viewing) -> None:
    """As it comes out of a printer."""
    await page.emulate_media(media="print")


async def desk_taken(page: Page, _viewing: Viewing) -> None:
    """Take the free desk, which leads to one's own session."""
    await page.click("button[aria-label='Take Desk 12']")
    await page.wait_for_selector(".desk-name")


async def offline(page: Page, _viewing: Viewing) -> None:
    """The network goes, and the page says so."""
    await page.wait_for_selector("#connection[data-state=connected]")
    await page.context.set_offline(True)
    await page.wait_for_selector("#connection[data-state=reconnecting]")


async def put_out(page: Page, viewing: Viewing) -> None:
    """A supervisor signs this person out."""
    await page.wait_for_selector("#connection[data-state=connected]")
    await viewing.scene.out(viewing.scene.people["agent"][0])
    await page.wait_for_selector("#session-over:popover-open")


async def agent_chosen(page: Page, viewing: Viewing) -> None:
    """From the board to the agent who is signed in."""
    await page.click(f"a:has-text('{viewing.scene.people['agent'][0]}')")
    await page.wait_for_selector("#acd-title")


async def agent_to_be_signed_out(page: Page, viewing: Viewing) -> None:
    """The question before an agent is signed out."""
    await agent_chosen(page, viewing)
    await page.click("text=Sign out … >> nth=0")


async def stale_form(page: Page, _viewing: Viewing) -> None:
    """Send a form of a page that is too old."""
    await page.evaluate("document.querySelector('main [name=_token]').value = 'stale'")
    await sent("Register", "h1:has-text('That did not work'), h1:has-text('This')")(page, _viewing)
