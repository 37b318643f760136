"""Signing in and out."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from services.portal import cookies
from services.portal.answers import go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import signed_in
from services.portal.navigation import start
from services.portal.resources.sessions import SignInOptions, Tokens
from services.portal.settings import Settings
from services.portal.visits import Visit

FIELDS = ("user_id", "password", "append_domain", "language", "desk_id", "sign_in_name")

To = Annotated[str, QueryParameter(max_length=2000)]
Ended = Annotated[str, QueryParameter(max_length=20)]


class SignInController(Controller):
    """How people of all roles sign in."""

    @get(["/sign-in", "/sign-in/{sign_in_name:str}"])
    async def show(
        self,
        visit: NamedDependency[Visit],
        settings: NamedDependency[Settings],
        sign_in_name: FromPath[str | None] = None,
        to: To = "",
        ended: Ended = "",
        error: FromQuery[str] = "",
    ) -> Response[Any]:
        """The sign-in page. Who is signed in goes on to where work begins."""
        if visit.person and not ended:
            return go(visit, _within(to) or start(visit.person.role))
        values = {"stay_signed_in": True, "sign_in_name": sign_in_name or "", "to": to}
        form = Form(values={**values, "language": visit.language})
        return await _shown(visit, settings, form, ended=ended)

    @post(["/sign-in", "/sign-in/{sign_in_name:str}"])
    async def sign_in(
        self,
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        settings: NamedDependency[Settings],
        sign_in_name: FromPath[str | None] = None,
    ) -> Response[Any]:
        """Sign in, and begin a new sign-in of this browser. The language is chosen before."""
        form = await Form.of(request)
        stay = form.chosen("stay_signed_in")
        body = {**form.body(*FIELDS), "stay_signed_in": stay, "machine_id": visit.machine_id}
        try:
            tokens = await visit.do("POST", SESSIONS, "sign-in", Tokens, body)
        except Declined as declined:
            return await _shown(visit, settings, form.wrong(declined), declined.status)
        await visit.enter(tokens, stay_signed_in=stay)
        visit.remember(cookies.LANGUAGE, tokens.user.language, cookies.YEAR)
        return go(visit, _within(form.text("to")) or start(tokens.user.role))

    @post("/sign-out", guards=[signed_in])
    async def sign_out(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Sign out. The machine and a desk are free for others at once."""
        await visit.tell("POST", SESSIONS, "sign-out")
        await visit.leave()
        return go(visit, "/sign-in", visit.say("You are signed out."))


async def _shown(
    visit: Visit, settings: Settings, form: Form, status: int = 200, *, ended: str = ""
) -> Response[Any]:
    name = form.text("sign_in_name")
    try:
        options = await visit.get(SESSIONS, "sign-in/options", SignInOptions, sign_in_name=name)
    except Declined:
        options = SignInOptions(languages=[])
    return page(
        visit,
        "sign_in.html.j2",
        status=status,
        form=form,
        options=options,
        ended=ended,
        settings=settings,
    )


def _within(path: str) -> str:
    """The path if it leads nowhere else: `//elsewhere` and `/\\elsewhere` do."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if ours and path.isprintable() else ""
