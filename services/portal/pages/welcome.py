"""The pages for everybody: what this installation is, and how a softphone is set up."""

from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from services.portal.answers import go, page
from services.portal.navigation import start
from services.portal.settings import Settings
from services.portal.visits import Visit


@dataclass(frozen=True, slots=True)
class Link:
    """A place worth visiting."""

    address: str
    name: str
    about: str
    catches_mails: bool = False


APIS = (
    Link("/sessions/docs", "Sessions", "Organizations, users, sign-in and sign-out."),
    Link("/provisioning/docs", "Provisioning", "Providers, SIP accounts, contacts and devices."),
    Link("/activation/docs", "Activation", "Activation codes and what softphones are set up with."),
    Link("/notifier/docs", "Notifier", "Mails with instructions, and what became of each."),
)


class WelcomeController(Controller):
    """Pages without sign-in."""

    @get("/")
    async def welcome(
        self, visit: NamedDependency[Visit], nearby: NamedDependency[tuple[Link, ...]]
    ) -> Response[Any]:
        """What this installation is. Who is signed in goes on to where work begins."""
        if visit.person:
            return go(visit, start(visit.person.role))
        return page(visit, "welcome.html.j2", apis=APIS, nearby=nearby)

    @get("/activate")
    async def activate(
        self, visit: NamedDependency[Visit], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        """How to set a softphone up. The code stays in the browser, and opening uses nothing up."""
        return page(visit, "activate.html.j2", settings=settings)
