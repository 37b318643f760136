"""Where an administrator begins: what is there, and what to do next."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from services.portal.answers import page
from services.portal.calls import PROVISIONING
from services.portal.guards import administrators
from services.portal.resources import Listed
from services.portal.resources.provisioning import Counts, Device, Provider
from services.portal.visits import Visit


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do."""

    title: str
    text: str
    button: str
    path: str
    done: bool
    current: bool = False


class HomeController(Controller):
    """The overview."""

    guards = (administrators,)

    @get("/home")
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Numbers, and the first steps as long as there are any to do."""
        counts, providers, activated, late, latest = await asyncio.gather(
            visit.get(PROVISIONING, "counts", Counts),
            visit.get(PROVISIONING, "providers", Listed[Provider], limit=1),
            _one(visit, state="activated"),
            _one(visit, state="activated", drift="true"),
            _one(visit, sort="-created"),
        )
        device = latest.items[0].id if latest.items else ""
        first = providers.items[0] if providers.items else None
        words = _words(visit, first.sip_server if first else "?")
        steps = _steps(words, counts, first, device, activated=bool(activated.items))
        todo = not all(step.done for step in steps)
        return page(
            visit, "home.html.j2", counts=counts, steps=steps, todo=todo, late=bool(late.items)
        )


async def _one(visit: Visit, **query: str) -> Listed[Device]:
    return await visit.get(PROVISIONING, "devices", Listed[Device], limit=1, **query)


def _steps(
    words: Iterable[tuple[str, str, str]],
    counts: Counts,
    first: Provider | None,
    device: str,
    *,
    activated: bool,
) -> list[Step]:
    provider = f"/providers/{first.id}" if first and counts.providers == 1 else "/providers"
    code = f"/devices/{device}" if device else "/devices"
    ways = (
        ("/providers", provider, counts.providers > 0),
        ("/sip-accounts/new", "/sip-accounts", counts.sip_accounts > 0),
        ("/contacts/new", "/contacts", counts.contacts > 0),
        ("/devices/new", "/devices", counts.devices > 0),
        (code, code, activated),
    )
    current = next((place for place, (*_, ready) in enumerate(ways) if not ready), None)
    return [
        Step(*said, look if ready else do, ready, current=place == current)
        for place, (said, (do, look, ready)) in enumerate(zip(words, ways, strict=True))
    ]


def _words(visit: Visit, server: str) -> Iterator[tuple[str, str, str]]:
    say = visit.say
    yield (
        say("Your default provider"),
        say("Phones register at %(server)s. Edit that, or add another provider.")
        % {"server": server},
        say("Show providers"),
    )
    yield (
        say("A SIP account"),
        say("The user name at the provider, with its password, which nobody sees again."),
        say("Add SIP account"),
    )
    yield (
        say("A contact"),
        say("The person who gets the phone, and where the instructions are mailed to."),
        say("Add contact"),
    )
    yield (
        say("A device"),
        say("One softphone of that person, with one to four SIP accounts."),
        say("Add device"),
    )
    yield (
        say("The activation code"),
        say("Send it by e-mail, or show the QR code. The page tells when the phone is set up."),
        say("Show the code"),
    )
