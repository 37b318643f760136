"""Registering an organization: its first administrator is signed in at once."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency

from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.resources.sessions import Organization, Tokens
from services.portal.visits import Visit


class RegistrationController(Controller):
    """Organizations begin here."""

    path = "/register"

    @get()
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new organization."""
        return page(visit, "register.html.j2", form=Form())

    @post()
    async def register(
        self, request: Request[Any, Any, Any], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Register the organization and sign its administrator in."""
        form = await Form.of(request)
        try:
            body = form.body("name", "domain", "administrator")
            made = await visit.do(
                "POST", SESSIONS, "organizations", Organization, body, once=form.once
            )
        except Declined as declined:
            shown = form.wrong(declined)
            return page(visit, "register.html.j2", status=declined.status, form=shown)
        return await _entered(visit, form, made)


async def _entered(visit: Visit, form: Form, made: Organization) -> Response[Any]:
    typed = form.body("administrator")["administrator"]
    sign_in = {
        "user_id": typed["user_id"],
        "password": typed["password"],
        "sign_in_name": made.sign_in_name,
        "machine_id": visit.machine_id,
        "language": visit.language,
    }
    try:
        tokens = await visit.do("POST", SESSIONS, "sign-in", Tokens, sign_in)
    except Declined:
        # The organization is there all the same, and who has it can sign in.
        return go(visit, f"/sign-in/{made.sign_in_name}", visit.say("Now sign in."))
    await visit.enter(tokens, stay_signed_in=True)
    return go(visit, "/home")
