"""HTTP for contacts."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import BaseModel

from chassis.answers import Listed, changed, created, gone, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import MOST_ITEMS, Cursor, Limit
from chassis.read_models import Page, ReadModelStore
from schemas.fields import Id
from schemas.provisioning import Email
from services.provisioning.bodies import ContactBody, ContactChange, EmailBody, given
from services.provisioning.domain.aggregates import contact_of
from services.provisioning.domain.contact import (
    AddContact,
    ChangeContact,
    Contact,
    EraseContact,
    RemoveContact,
    contact,
)
from services.provisioning.listing import Order, Sort, search_contacts, sorted_page
from services.provisioning.projections import CONTACTS, ContactView
from services.provisioning.removing import Removing
from services.provisioning.views.search import words

Search = Annotated[
    str | None,
    QueryParameter(
        max_length=200,
        description="Beginnings of words of a name or address, whatever their case and accents.",
    ),
]

Chosen = Annotated[
    list[Id] | None,
    QueryParameter(
        name="id", max_items=MOST_ITEMS, description="Only these; `id` may be repeated."
    ),
]


class EmailResource(BaseModel):
    """An address of a contact."""

    id: Id
    address: str
    label: Literal["work", "home"]


class ContactResource(BaseModel):
    """A contact as entered."""

    id: Id
    first_name: str
    last_name: str
    emails: tuple[EmailResource, ...]
    language: str | None


class ErasureResource(BaseModel):
    """A person who is being forgotten."""

    id: Id
    state: Literal["erasing"] = "erasing"


def render(contact_id: str, state: Contact) -> ContactResource:
    """Show a contact."""
    return ContactResource(
        id=contact_id,
        first_name=state.first_name,
        last_name=state.last_name,
        emails=tuple(
            EmailResource(id=email.email_id, address=email.address, label=email.label)
            for email in state.emails
        ),
        language=state.language,
    )


def render_view(view: ContactView) -> ContactResource:
    """Show a contact of a list."""
    return render(view.id, view.contact)


class ContactController(Controller):
    """The people who get devices."""

    path = "/api/v1/contacts"
    guards = (administrators,)
    tags = ("contacts",)

    @post()
    async def add(
        self,
        data: JSONBody[ContactBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[ContactResource]:
        """Add a contact with at least one labelled address."""
        emails = _with_ids(edge, data.emails)
        outcome = await commands.handle(
            edge.cause,
            Intent(
                contact_of(edge.organization, edge.resource_id),
                contact,
                AddContact(
                    edge.resource_id, data.first_name, data.last_name, emails, data.language
                ),
            ),
        )
        made = render(edge.resource_id, present(outcome.state))
        return created(made, outcome, self.path, edge.resource_id)

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        q: Search = None,
        ids: Chosen = None,
        sort: Sort = "name",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[ContactResource]:
        """List the contacts by last name, or those that a search finds, by the word it found."""
        if ids is not None:
            keys = [(principal.organization, one) for one in ids]
            known = await read_models.stored(CONTACTS, keys)
            views = (known[key].document for key in keys if key in known)
            return listed(Page([view for view in views if view]), render_view)
        if q is not None and words(q):
            found = await search_contacts(read_models, principal.organization, q, cursor, limit)
            return listed(found, render_view)
        here, order = principal.organization, Order.of(sort)
        page = await sorted_page(read_models, CONTACTS, here, order, cursor, limit)
        return listed(page, render_view)

    @get("/{contact_id:str}")
    async def show(
        self,
        contact_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[ContactResource]:
        """Show one contact."""
        view = await read_models.get(CONTACTS, principal.organization, contact_id)
        return shown(view, render_view)

    @patch("/{contact_id:str}")
    async def change(
        self,
        contact_id: FromPath[Id],
        data: JSONBody[ContactChange],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[ContactResource]:
        """Change a contact. Addresses that are repeated stay the same to whoever refers to them."""
        changes = given(data)
        if "emails" in changes:
            changes["emails"] = _with_ids(edge, data.emails)
        intent = Intent(
            contact_of(edge.organization, contact_id),
            contact,
            ChangeContact(contact_id, changes),
            edge.if_version,
        )
        outcome = await commands.handle(edge.cause, intent)
        return changed(render(contact_id, present(outcome.state)), outcome)

    @delete("/{contact_id:str}")
    async def remove(
        self,
        contact_id: FromPath[Id],
        edge: NamedDependency[Edge],
        removing: NamedDependency[Removing],
    ) -> Response[None]:
        """Remove a contact with all devices."""
        command = RemoveContact(contact_id)
        outcome = await removing.contact(edge.cause, edge.organization, command, edge.if_version)
        return gone(outcome)

    @post("/{contact_id:str}/erase", status_code=202)
    async def erase(
        self,
        contact_id: FromPath[Id],
        edge: NamedDependency[Edge],
        removing: NamedDependency[Removing],
    ) -> Response[ErasureResource]:
        """Forget a person: remove the devices, and the person from the log and every list.

        A contact that was removed before can still be erased. It cannot be undone.
        """
        command = EraseContact(contact_id)
        outcome = await removing.contact(edge.cause, edge.organization, command, edge.if_version)
        return changed(ErasureResource(id=contact_id), outcome, status_code=202)


def _with_ids(edge: Edge, emails: tuple[EmailBody, ...]) -> tuple[Email, ...]:
    return tuple(
        Email(email_id=edge.derived(email.address.casefold()), **email.model_dump())
        for email in emails
    )
