"""The portal with something on every page, and browsers that look at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from switchboard.demo.client import Client
from switchboard.demo.organization import DemoOrganization
from tests.e2e.product import Product

PATIENCE_MILLISECONDS = 60_000
WIDTHS = {360: 740, 1280: 900}
Scheme = Literal["light", "dark"]
COLUMNS = "first_name,last_name,email_work,device_name,provider,sip_friendly_name,sip_username"
REFUSED = f"""{COLUMNS},sip_password,protocol
Grace,Hopper,grace@example.com,Grace's mobile,Phone system,Lab,2001,kept-by-nobody-else,udp
Nobody,,nobody@example.com,Phone,No such provider,Line,2002,kept-by-nobody-else,udp
""".encode()
OPEN = {"welcome": "/", "sign-in": "/sign-in", "register": "/register", "activate": "/activate"}


@dataclass
class Looked:
    """A page as a browser has it, and everything that the browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        # A page that says no has a status that says so too; that is not a failure of the page.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


async def furnished(client: Client) -> dict[str, str]:
    """Make one of each thing, and say where it is shown: paths by name."""
    provider = (await client.read("/api/v1/providers"))["items"][0]["id"]
    account = await client.command(
        f"/api/v1/providers/{provider}/sip-accounts",
        {
            "friendly_name": "Reception",
            "username": "1001",
            "protocol": "udp",
            "password": "kept-by-nobody-else",
            "authorization_username": "auth-1001",
            "dialing_rules": [{"match": "0", "strip": 1, "add": "+44"}],
        },
    )
    emails = [
        {"address": "ada@example.com", "label": "work"},
        {"address": "ada@home.example", "label": "home"},
    ]
    contact = await client.command(
        "/api/v1/contacts", {"first_name": "Ada", "last_name": "Lovelace", "emails": emails}
    )
    devices = f"/api/v1/contacts/{contact['id']}/devices"
    device = await client.command(
        devices, {"name": "Ada's mobile", "sip_account_ids": [account["id"]]}
    )
    lost = await client.command(devices, {"name": "Old", "sip_account_ids": [account["id"]]})
    await client.command(f"/api/v1/devices/{lost['id']}/deactivate", {"reason": "lost"})
    await client.command(
        "/api/v1/desks", {"name": "Desk 12", "device_id": device["id"], "hot_desk": True}
    )
    imported = await client.upload("/api/v1/imports", REFUSED)
    await client.read("/api/v1/devices")
    return {
        "home": "/home",
        "providers": "/providers",
        "provider": f"/providers/{provider}",
        "provider-new": "/providers/new",
        "provider-edit": f"/providers/{provider}/edit",
        "sip-accounts": "/sip-accounts",
        "sip-account": f"/sip-accounts/{account['id']}",
        "sip-account-new": f"/providers/{provider}/sip-accounts/new",
        "sip-account-edit": f"/sip-accounts/{account['id']}/edit",
        "contacts": "/contacts",
        "contacts-none": "/contacts?q=nobody-like-this",
        "contact": f"/contacts/{contact['id']}",
        "contact-new": "/contacts/new",
        "contact-edit": f"/contacts/{contact['id']}/edit",
        "devices": "/devices",
        "devices-drift": "/devices?only=drift",
        "device": f"/devices/{device['id']}",
        "device-deactivated": f"/devices/{lost['id']}",
        "device-new": f"/contacts/{contact['id']}/devices/new",
        "device-edit": f"/devices/{device['id']}/edit",
        "device-trail": f"/devices/{device['id']}/trail",
        "device-past": f"/devices/{device['id']}/past",
        "imports": "/imports",
        "import-new": "/imports/new",
        "import": f"/imports/{imported['id']}",
        "users": "/users",
        "user-new": "/users/new",
        "user-edit": f"/users/{DEMO_USER}/edit",
        "desks": "/desks",
        "desk-new": "/desks/new",
        "sign-in-policy": "/sign-in-policy",
        "organization": "/organization",
        "my-password": "/my-password",
        "board": "/board",
        "history": "/history",
        "seat-hours": "/seat-hours",
        "not-found": "/providers/none",
    }


DEMO_USER = "admin%40demo.example"


@asynccontextmanager
async def visitor(
    browser: Browser,
    product: Product,
    width: int = 1280,
    scheme: Scheme = "light",
    **options: Any,
) -> AsyncIterator[BrowserContext]:
    """Somebody with a browser, not signed in."""
    context = await browser.new_context(
        base_url=product.url,
        viewport={"width": width, "height": WIDTHS.get(width, 900)},
        color_scheme=scheme,
        **{"locale": "en-GB", **options},
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    try:
        yield context
    finally:
        await context.close()


async def signed_in(context: BrowserContext, product: Product) -> Looked:
    """Sign the demo's administrator in, by the form."""
    demo = DemoOrganization.kept(product.data)
    assert demo is not None
    looked = await look(context)
    await looked.page.goto("/sign-in")
    await looked.page.fill("#user_id", demo.user_id)
    await looked.page.fill("#password", demo.password)
    await looked.page.click("main button[type=submit]")
    await looked.page.wait_for_url("**/home")
    return looked


async def look(context: BrowserContext) -> Looked:
    """An empty page of this browser."""
    looked = Looked(await context.new_page())
    looked.page.on("console", looked.heard)
    looked.page.on("pageerror", lambda error: looked.complaints.append(str(error)))
    return looked
