"""HTTP for contacts."""

from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, BeforeValidator, EmailStr, Field

from chassis.answers import Listed, RequestBody, changed, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import ReadModelStore
from schemas.fields import Id, Language, PersonName
from schemas.provisioning import Email
from services.provisioning.domain.aggregates import contact_of
from services.provisioning.domain.contact import AddContact, Contact, contact
from services.provisioning.projections import CONTACTS, ContactView

AnyCase = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class EmailBody(RequestBody):
    """An address and what it is."""

    address: EmailStr
    label: Annotated[Literal["work", "home"], AnyCase]


class ContactBody(RequestBody):
    """A contact as an administrator enters it."""

    first_name: PersonName
    last_name: PersonName
    emails: Annotated[tuple[EmailBody, ...], Field(max_length=20)]
    language: Language | None = None


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
        emails = tuple(
            Email(email_id=edge.derived(email.address.casefold()), **email.model_dump())
            for email in data.emails
        )
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
        return changed(
            render(edge.resource_id, present(outcome.state)),
            outcome,
            status_code=201,
            location=f"{self.path}/{edge.resource_id}",
        )

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[ContactResource]:
        """List the contacts by last name."""
        page = await read_models.find(
            CONTACTS, principal.organization, "by_name", cursor=cursor, limit=limit
        )
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
