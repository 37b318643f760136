"""Who may open a page. Whoever is not signed in is sent to sign in, and comes back here."""

from collections.abc import Awaitable, Callable

from litestar.handlers import BaseRouteHandler

from services.portal.browsers import SignIn
from services.portal.resources.sessions import Role
from services.portal.visits import Connection, visit_of

Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


class SignInFirst(Exception):
    """Nobody is signed in with this browser."""


class NotForThisRole(Exception):
    """Somebody is signed in, but in a role that has no such page."""


def _allowing(*roles: Role) -> Guard:
    async def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        person = (await visit_of(connection)).person
        if person is None:
            raise SignInFirst
        if person.role not in roles:
            raise NotForThisRole

    return guard


administrators = _allowing("administrator")
supervisors = _allowing("supervisor", "administrator")
agents = _allowing("agent")
signed_in = _allowing("administrator", "supervisor", "agent")


def somebody(person: SignIn | None) -> SignIn:
    """Who is signed in on a page that has a guard."""
    if person is None:
        raise SignInFirst
    return person
