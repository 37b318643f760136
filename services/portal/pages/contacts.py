"""Contacts: the people who get devices, and where their instructions are mailed to."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import Page, go, page
from services.portal.calls import PROVISIONING
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import Listed, values
from services.portal.resources.provisioning import Contact, Device
from services.portal.visits import Visit

FIELDS = ("first_name", "last_name", "language")
MOST_ADDRESSES = 20
MOST_DEVICES_SHOWN = 50

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class ContactsController(Controller):
    """People."""

    path = "/contacts"
    guards = (administrators,)

    @get()
    async def show_all(
        self, visit: NamedDependency[Visit], q: Text = "", cursor: Text = ""
    ) -> Response[Any]:
        """The contacts by name, or those that a search finds."""
        contacts = await visit.get(
            PROVISIONING, "contacts", Listed[Contact], q=q[:200], cursor=cursor, limit=25
        )
        return page(
            visit, "contacts.html.j2", contacts=contacts, q=q, cursor=cursor, choosing=False
        )

    @get("/new")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new contact."""
        return _form(visit, Form(values={"emails.0.label": "work"}))

    @post("/new")
    async def add(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Add a contact; then it is time for a device."""
        form = await Form.of(request)
        if form.chosen("_more"):
            return _form(visit, form, more=1)
        try:
            body = _body(form, empty=False)
            added = await visit.do("POST", PROVISIONING, "contacts", Contact, body, once=form.once)
        except Declined as declined:
            return _form(visit, form.wrong(declined), status=declined.status)
        return go(visit, f"/contacts/{added.id}", visit.say("The contact is saved."))

    @get("/{contact_id:str}")
    async def show(self, contact_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """A contact and the devices of it."""
        contact = await visit.get(PROVISIONING, f"contacts/{contact_id}", Contact)
        devices = await visit.get(
            PROVISIONING,
            "devices",
            Listed[Device],
            contact_id=contact_id,
            limit=MOST_DEVICES_SHOWN,
        )
        return page(visit, "contact.html.j2", contact=contact, devices=devices)

    @get("/{contact_id:str}/edit")
    async def ask_change(
        self, contact_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """The form with what the contact is now."""
        contact = await visit.get(PROVISIONING, f"contacts/{contact_id}", Contact)
        return _form(visit, Form(values=values(contact)), contact)

    @post("/{contact_id:str}/edit")
    async def change(
        self, contact_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Change a contact."""
        form, path = await Form.of(request), f"contacts/{contact_id}"
        contact = await visit.get(PROVISIONING, path, Contact)
        if form.chosen("_more"):
            return _form(visit, form, contact, more=1)
        try:
            await visit.tell("PATCH", PROVISIONING, path, _body(form, empty=True), once=form.once)
        except Declined as declined:
            return _form(visit, form.wrong(declined), contact, status=declined.status)
        return go(visit, f"/{path}", visit.say("The contact is saved."))

    @post("/{contact_id:str}/remove")
    async def remove(
        self, contact_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Remove a contact with all devices."""
        await visit.tell("DELETE", PROVISIONING, f"contacts/{contact_id}")
        return go(visit, "/contacts", visit.say("The contact and all devices are removed."))

    @post("/{contact_id:str}/erase")
    async def erase(
        self, contact_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Forget a person: also in the log."""
        await visit.tell("POST", PROVISIONING, f"contacts/{contact_id}/erase")
        return go(visit, "/contacts", visit.say("The person is being erased, also from the log."))


def _body(form: Form, *, empty: bool) -> dict[str, Any]:
    rows = form.group("emails")
    typed = [row for row in rows if row.get("address")]
    return {**form.body(*FIELDS, empty=empty), "emails": typed or rows[:1]}


def _form(
    visit: Visit, form: Form, contact: Contact | None = None, *, status: int = 200, more: int = 0
) -> Page:
    rows = min(max(form.rows("emails"), 1) + more, MOST_ADDRESSES)
    return page(visit, "contact_form.html.j2", status=status, form=form, contact=contact, rows=rows)
