"""Another language for whoever is signed in, which the next sign-in begins with."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency

from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import signed_in
from services.portal.resources.sessions import Session
from services.portal.visits import Visit


class LanguageController(Controller):
    """One's own language."""

    path = "/my-language"
    guards = (signed_in,)

    @get()
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The languages that the organization offers."""
        return await _shown(visit, Form(values={"language": visit.language}))

    @post()
    async def choose(
        self, request: Request[Any, Any, Any], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Go on in another language."""
        form = await Form.of(request)
        try:
            body = form.body("language")
            session = await visit.do("PUT", SESSIONS, "session/language", Session, body)
        except Declined as declined:
            return await _shown(visit, form.wrong(declined), declined.status)
        await visit.speak(session.user.language)
        return go(visit, "/", visit.say("The language is changed."))


async def _shown(visit: Visit, form: Form, status: int = 200) -> Response[Any]:
    session = await visit.get(SESSIONS, "session", Session)
    offered = session.organization.languages if session.organization else ()
    return page(visit, "language_form.html.j2", status=status, form=form, offered=offered)
