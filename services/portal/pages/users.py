"""Users: who may sign in, in which role."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import Page, go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators, signed_in, somebody
from services.portal.pages.account_picker import found_accounts
from services.portal.resources import Listed, values
from services.portal.resources.sessions import User
from services.portal.visits import Visit

FIELDS = ("role", "first_name", "last_name", "language", "append_domain")

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class UsersController(Controller):
    """People who sign in."""

    path = "/users"
    guards = (administrators,)

    @get()
    async def show_all(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """The users by user id."""
        users = await visit.get(SESSIONS, "users", Listed[User], cursor=cursor)
        return page(visit, "users.html.j2", users=users, cursor=cursor)

    @get("/new")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new user."""
        return await _form(visit, Form(values={"role": "agent"}))

    @post("/new")
    async def add(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Register a user."""
        form = await Form.of(request)
        if form.chosen("_find"):
            return await _form(visit, form)
        body = form.body(*FIELDS, "user_id", "password") | _accounts(form)
        try:
            await visit.do("POST", SESSIONS, "users", User, body, once=form.once)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), status=declined.status)
        return go(visit, "/users", visit.say("The user is saved and can sign in."))

    @get("/{user_id:str}/edit")
    async def ask_change(
        self, user_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """The form with what the user is now."""
        user = await visit.get(SESSIONS, _of(user_id), User)
        return await _form(visit, Form(values=values(user)), user)

    @post("/{user_id:str}/edit")
    async def change(
        self, user_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Change a user, and the password if a new one was typed."""
        form = await Form.of(request)
        user = await visit.get(SESSIONS, _of(user_id), User)
        if form.chosen("_find"):
            return await _form(visit, form, user)
        body = {**form.body(*FIELDS, empty=True), "sip_account_ids": None, **_accounts(form)}
        try:
            await visit.tell("PATCH", SESSIONS, _of(user_id), body, once=form.once)
            if password := form.body("password"):
                await visit.tell("PUT", SESSIONS, f"{_of(user_id)}/password", password)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), user, status=declined.status)
        return go(visit, "/users", visit.say("The user is saved."))

    @post("/{user_id:str}/remove")
    async def remove(self, user_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """Remove a user, who is signed out."""
        await visit.tell("DELETE", SESSIONS, _of(user_id))
        return go(visit, "/users", visit.say("The user is removed and signed out."))


class PasswordController(Controller):
    """One's own password."""

    path = "/my-password"
    guards = (signed_in,)

    @get()
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for another password."""
        return page(visit, "password_form.html.j2", form=Form())

    @post()
    async def change(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Change one's own password. Other sessions end."""
        form = await Form.of(request)
        path = f"{_of(somebody(visit.person).user_id)}/password"
        try:
            body = form.body("password", "current_password")
            await visit.tell("PUT", SESSIONS, path, body, once=form.once)
        except Declined as declined:
            shown = form.wrong(declined)
            return page(visit, "password_form.html.j2", status=declined.status, form=shown)
        return go(visit, "/", visit.say("Your password is changed."))


def _of(user_id: str) -> str:
    return f"users/{quote(user_id, safe='')}"


def _accounts(form: Form) -> dict[str, list[str]]:
    chosen = form.many("sip_account_ids")
    return {"sip_account_ids": chosen} if chosen else {}


async def _form(visit: Visit, form: Form, user: User | None = None, *, status: int = 200) -> Page:
    find = form.text("_name")
    accounts = await found_accounts(visit, find, form.many("sip_account_ids"))
    return page(
        visit,
        "user_form.html.j2",
        status=status,
        form=form,
        user=user,
        accounts=accounts.items,
        searchable=bool(find or accounts.next),
    )
