"""The page `docs/http.md`: every HTTP route, who may use it and what it does."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from litestar import Controller
from litestar.handlers import HTTPRouteHandler

from chassis import auth
from chassis.web.operations import OperationsController
from services.portal import guards
from services.portal.pages import controllers as portal_controllers
from switchboard.catalogue import BLUEPRINTS
from switchboard.mailbox.api import MailboxController, on_this_machine

_WHO = {
    auth.administrators: "administrator",
    auth.supervisors: "supervisor, administrator",
    auth.agents: "agent",
    auth.signed_in: "any user",
    guards.administrators: "administrator",
    guards.supervisors: "supervisor, administrator",
    guards.agents: "agent",
    guards.signed_in: "any user",
    on_this_machine: "anyone on this machine",
}
_HEAD = """\
<!-- Generated from the controllers by `make schemas`. Do not edit. -->
# HTTP routes

All services answer at one address. Bodies, answers and problems of a service are described at
`/<service>/docs` of a running installation, and for programs at `/<service>/openapi.json`.

- Where a role is named, send `Authorization: Bearer <access token>`.
- Every command takes `Idempotency-Key`. Repeats of a request with the same key, for 24 hours, are
  one. Sign-in and refresh ignore it.
- A command answers with `Switchboard-Position`. A read that sends it back shows what the command
  did, or says `Switchboard-Stale: true`.
- `ETag` is the version of a resource. Send it as `If-Match` to change only what you have seen.
- Lists take `limit` (1 to 200) and `cursor`, and answer with `items` and `next`.
- Errors are `application/problem+json`; `detail` says what to do.
- A configuration whose format cannot carry all of it says in `Switchboard-Left-Out` what is missing
  and why: Acrobits takes a single account, only JSON has dialing rules, and some characters cannot
  be written for baresip and pjsua.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path."""

    method: str
    path: str
    who: str
    what: str


def routes_page() -> str:
    """The whole page."""
    services = [_section(name.capitalize(), service_routes(name)) for name in BLUEPRINTS]
    shared = [
        _section("Portal, for browsers", routes_of(portal_controllers)),
        _section("Operations, in every process", routes_of([OperationsController])),
        _section("Mailbox, with `switchboard up` only", routes_of([MailboxController])),
    ]
    return "\n".join([_HEAD, *services, *shared])


def service_routes(service: str) -> list[Route]:
    """The routes of one service, by path."""
    return routes_of(import_module(f"services.{service}.api").controllers)


def routes_of(controllers: Iterable[type[Controller]]) -> list[Route]:
    """The routes of some controllers, by path."""
    found = [route for controller in controllers for route in _routes(controller)]
    return sorted(found, key=lambda route: (route.path, route.method))


def _routes(controller: type[Controller]) -> Iterator[Route]:
    for handler in vars(controller).values():
        if isinstance(handler, HTTPRouteHandler):
            for path in sorted(handler.paths):
                for method in sorted(handler.http_methods):
                    yield Route(
                        method, _path(controller, path), _who(controller, handler), _what(handler)
                    )


def _path(controller: type[Controller], path: str) -> str:
    base = vars(controller).get("path", "")
    return "/" + re.sub(r":[a-z]+}", "}", f"{base}/{path}".replace("//", "/")).strip("/")


def _who(controller: type[Controller], handler: HTTPRouteHandler) -> str:
    guards = [*vars(controller).get("guards", ()), *(handler.guards or ())]
    return ", ".join(_WHO[guard] for guard in guards) or "no sign-in"


def _what(handler: HTTPRouteHandler) -> str:
    return " ".join((handler.fn.__doc__ or "").split())


def _section(title: str, routes: Iterable[Route]) -> str:
    rows = (f"| `{r.method} {r.path}` | {r.who} | {r.what} |" for r in routes)
    return "\n".join(
        [f"## {title}", "", "| call | who | what it does |", "|---|---|---|", *rows, ""]
    )
