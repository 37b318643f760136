"""Which pages and states there are, in the order in which one leads to the next."""

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.async_api import Page

from tests.e2e.portal import OPEN
from tests.e2e.sights import acts
from tests.e2e.sights.acts import Act, nothing, opened, sent
from tests.e2e.sights.scene import Scene, Who
from tests.e2e.sights.viewing import Viewing

CODE = "BCDF-GHJK-LMNP"
OPTIONS = "main summary >> nth=0"


@dataclass(frozen=True, slots=True)
class Sight:
    """A page, who sees it, and what is done there first."""

    name: str
    who: Who
    path: str
    act: Act = nothing

    async def seen(self, viewing: Viewing) -> Page:
        """The page in this state."""
        page = (await viewing.looked(self.who)).page
        # A fragment alone would load nothing.
        await page.goto("about:blank")
        await page.goto(self.path)
        await self.act(page, viewing)
        return page

    async def left(self, viewing: Viewing) -> None:
        """What the act did to the browser is taken back."""
        page = (await viewing.looked(self.who)).page
        await page.context.set_offline(False)
        await page.emulate_media(media="screen")


def sights(scene: Scene) -> Iterator[Sight]:
    """All of them. Sights of agents change what supervisors see, so their order counts."""
    yield from _of_nobody()
    for name, path in scene.pages.items():
        yield Sight(name, "manager" if name.startswith("crowd-") else "administrator", path)
    yield from _of_administrators(scene)
    yield from _of_many()
    yield from _of_an_empty_organization()
    yield from _in_german(scene)
    yield from _of_the_floor()


def _of_nobody() -> Iterator[Sight]:
    for name, path in OPEN.items():
        yield Sight(name, "nobody", path)
    yield Sight("sign-in-options", "nobody", "/sign-in", opened(OPTIONS))
    refused = sent("Sign in", user_id="nobody@demo.example", password="not the one")
    yield Sight("sign-in-refused", "nobody", "/sign-in", refused)
    yield Sight("sign-in-ended", "nobody", "/sign-in?ended=forced")
    yield Sight("register-refused", "nobody", "/register", sent("Register", name="Harbour"))
    yield Sight("register-stale", "nobody", "/register", acts.stale_form)
    yield Sight("activate-code", "nobody", f"/activate#{CODE}")
    yield Sight("activate-wrong-code", "nobody", "/activate#BCDF")
    yield Sight("not-found-for-nobody", "nobody", "/no-such-page")


def _of_administrators(scene: Scene) -> Iterator[Sight]:
    pages = scene.pages
    for name, page, act in (
        ("person-menu", "home", opened(".person")),
        ("menu", "home", acts.menu_opened),
        ("provider-refused", "provider-new", sent(sip_server="not a server", name="Other")),
        ("provider-advanced", "provider-new", opened(OPTIONS)),
        ("sip-account-refused", "sip-account-new", sent(friendly_name="Lab")),
        ("sip-account-advanced", "sip-account-new", opened(OPTIONS)),
        ("contact-refused", "contact-new", sent(first_name="Alan")),
        ("contact-erase", "contact", opened("text=Erase person")),
        ("device-refused", "device-new", sent(name="Alan's phone")),
        ("device-lost", "device", opened("text=Lost or stolen")),
        ("device-print", "device", acts.printed),
        ("user-refused", "user-new", sent(user_id="alan@elsewhere.example")),
        ("user-more", "user-new", opened(OPTIONS)),
        ("desk-refused", "desk-new", sent(name="Desk 99", max_hours="-1")),
        ("import-checked", "import-new", acts.checked_file),
        ("organization-refused", "organization", sent(mail_from="nobody")),
        ("organization-saved", "organization", sent(shows=".notice")),
        ("policy-refused", "sign-in-policy", sent(grace_seconds="-5")),
        ("password-refused", "my-password", sent(current_password="x", password="short")),
    ):
        yield Sight(name, "administrator", pages[page], act)


def _of_many() -> Iterator[Sight]:
    for name in ("home", "providers", "sip-accounts", "contacts", "devices", "users", "desks"):
        yield Sight(f"crowd-{name}", "manager", f"/{name}")
    yield Sight("crowd-contacts-next", "manager", "/contacts", opened("a[rel=next]"))
    yield Sight("crowd-person-menu", "manager", "/home", opened(".person"))
    yield Sight("whose-device", "manager", "/devices/new")
    yield Sight("whose-account", "manager", "/sip-accounts/new")


def _of_an_empty_organization() -> Iterator[Sight]:
    for name in (
        "home",
        "sip-accounts",
        "contacts",
        "devices",
        "imports",
        "users",
        "desks",
        "desks/new",
        "board",
        "history",
        "seat-hours",
    ):
        yield Sight(f"empty-{name.replace('/', '-')}", "newcomer", f"/{name}")


def _in_german(scene: Scene) -> Iterator[Sight]:
    for name in ("home", "devices", "sign-in-policy", "organization", "board"):
        yield Sight(f"german-{name}", "german", f"/{name}")
    yield Sight("german-device", "german", scene.pages["crowd-device"])


def _of_the_floor() -> Iterator[Sight]:
    yield Sight("my-session", "agent", "/my-session")
    yield Sight("floor", "agent", "/floor")
    yield Sight("my-session-at-a-desk", "agent", "/floor", acts.desk_taken)
    yield Sight("floor-own", "agent", "/floor")
    yield Sight("my-session-refused", "agent", "/my-session", sent("Unavailable"))
    lunch = sent("Unavailable", ".badge.bad", reason="Lunch")
    yield Sight("my-session-unavailable", "agent", "/my-session", lunch)
    yield Sight("board-of-a-supervisor", "supervisor", "/board")
    yield Sight("person", "supervisor", "/board", acts.agent_chosen)
    yield Sight("person-sign-out", "supervisor", "/board", acts.agent_to_be_signed_out)
    yield Sight("board-all-out", "supervisor", "/board", opened("text=Sign all out"))
    yield Sight("not-for-this-role", "supervisor", "/users")
    yield Sight("my-session-reconnecting", "agent", "/my-session", acts.offline)
    yield Sight("my-session-over", "agent", "/my-session", acts.put_out)
