"""The pages for people who are not signed in. They are the same for everybody."""

from dataclasses import dataclass

from litestar import Controller, MediaType, get
from litestar.di import NamedDependency
from litestar.response import Template

from services.portal.assets import AssetsController
from services.portal.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A place worth visiting; the address is relative, for installations under a path."""

    address: str
    name: str
    about: str


APIS = (
    Link("sessions/docs", "Sessions", "Organizations, users, sign-in and sign-out."),
    Link("provisioning/docs", "Provisioning", "Providers, SIP accounts, contacts and devices."),
    Link("activation/docs", "Activation", "Activation codes and what softphones are set up with."),
    Link("notifier/docs", "Notifier", "Mails with instructions, and what became of each."),
)


class PagesController(Controller):
    """Pages without sign-in."""

    @get("/", sync_to_thread=False)
    def welcome(self, nearby: NamedDependency[tuple[Link, ...]]) -> Template:
        """What this installation is, and where everything is."""
        return _page("welcome.html.j2", apis=APIS, nearby=nearby)

    @get("/activate", sync_to_thread=False)
    def activate(self, settings: NamedDependency[Settings]) -> Template:
        """How to set a softphone up. The code stays in the browser, and opening uses nothing up."""
        return _page("activate.html.j2", settings=settings)


def _page(template: str, **said: object) -> Template:
    return Template(
        template,
        context=said,
        media_type=MediaType.HTML,
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
    )


controllers = (PagesController, AssetsController)
