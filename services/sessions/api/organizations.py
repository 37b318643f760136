"""HTTP for organizations: anyone may open one, its administrators look after it."""

from dataclasses import replace
from typing import Annotated

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, EmailStr, Field, SecretStr

from chassis.answers import RequestBody, changed, created, found
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Invalid, Refused, present
from chassis.edge import Edge
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id, Language, Name, PersonName
from schemas.said import said
from schemas.sessions import Link, Platform, Text
from services.sessions.api.bodies import given
from services.sessions.domain.aggregates import organization_of, user_of
from services.sessions.domain.login_id import domain, login_id
from services.sessions.domain.organization import (
    ChangeOrganization,
    Organization,
    RegisterOrganization,
    Setup,
    organization,
)
from services.sessions.domain.password import check_password
from services.sessions.domain.user import Profile, RegisterUser, user
from services.sessions.passwords import COMMON, Passwords
from services.sessions.projections import USERS
from services.sessions.settings import Settings

CodeLifetime = Annotated[int, Field(ge=10, le=90 * 24 * 60)]
"""Minutes that an activation code lives."""
DomainText = Annotated[str, Field(max_length=253)]


class SelfRegistrationOff(Refused):
    """Organizations are registered by the operator only."""

    status = 403


class DomainInUse(Refused):
    """Users sign in with this domain."""


class AdministratorBody(RequestBody):
    """The first administrator of an organization."""

    user_id: Annotated[str, Field(max_length=320)]
    password: SecretStr
    first_name: PersonName
    last_name: PersonName


class OrganizationBody(RequestBody):
    """A new organization and its first administrator."""

    name: Name
    domain: DomainText
    administrator: AdministratorBody


class OrganizationPatch(RequestBody):
    """What is to be different about an organization."""

    name: Name | None = None
    domains: Annotated[tuple[DomainText, ...], Field(min_length=1, max_length=20)] | None = None
    help_contact: Text | None = None
    mail_from: EmailStr | None = None
    download_links: Annotated[dict[Platform, Link], Field(max_length=20)] | None = None
    code_lifetime_minutes: CodeLifetime | None = None
    language: Language | None = None


class OrganizationResource(BaseModel):
    """An organization as it is set up now."""

    id: Id
    name: str
    domains: tuple[str, ...]
    sign_in_name: str
    help_contact: str | None
    mail_from: str | None
    download_links: dict[str, str]
    code_lifetime_minutes: int
    language: str | None


def render(organization_id: str, state: Organization) -> OrganizationResource:
    """Show an organization."""
    return OrganizationResource(
        id=organization_id,
        name=state.setup.name,
        domains=state.setup.domains,
        sign_in_name=state.sign_in_name,
        help_contact=state.setup.help_contact,
        mail_from=state.setup.mail_from,
        download_links=dict(state.setup.download_links),
        code_lifetime_minutes=state.setup.code_lifetime_minutes,
        language=state.setup.language,
    )


class OrganizationController(Controller):
    """Organizations."""

    path = "/api/v1"
    tags = ("organization",)

    @post("/organizations")
    async def register(
        self,
        data: JSONBody[OrganizationBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        passwords: NamedDependency[Passwords],
        settings: NamedDependency[Settings],
    ) -> Response[OrganizationResource]:
        """Register an organization with its first administrator. It has a default provider."""
        if not settings.self_registration:
            raise SelfRegistrationOff("Ask the operator of this installation for an organization.")
        organization_id, user_id = edge.resource_id, edge.derived("administrator")
        first = _administrator(data, user_id)
        password = data.administrator.password.get_secret_value()
        command = RegisterOrganization(organization_id, data.name, domain(data.domain, "domain"))
        async with passwords.kept(organization_id, user_id, password):
            registered, _ = await commands.handle_all(
                edge.cause,
                Intent(organization_of(organization_id), organization, command),
                Intent(user_of(organization_id, user_id), user, first),
            )
        made = render(organization_id, registered.state)
        return created(made, registered, self.path, "organization")

    @get("/organization", guards=[administrators])
    async def show(
        self, principal: NamedDependency[Principal], commands: NamedDependency[CommandHandler]
    ) -> Response[OrganizationResource]:
        """Show one's own organization."""
        known = await commands.look(organization_of(principal.organization), organization)
        return found(render(principal.organization, present(known.state)), known.version)

    @patch("/organization", guards=[administrators])
    async def change(
        self,
        data: JSONBody[OrganizationPatch],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[OrganizationResource]:
        """Change one's own organization: name, domains, mails and their language, life of codes."""
        aggregate = organization_of(principal.organization)
        known = present((await commands.look(aggregate, organization)).state)
        setup = _changed_setup(known.setup, data)
        for removed in set(known.setup.domains) - set(setup.domains):
            await _check_unused(read_models, principal.organization, removed)
        command = ChangeOrganization(principal.organization, setup)
        intent = Intent(aggregate, organization, command, edge.if_version)
        outcome = await commands.handle(edge.cause, intent)
        return changed(render(principal.organization, present(outcome.state)), outcome)


def _changed_setup(setup: Setup, data: OrganizationPatch) -> Setup:
    named = given(data, ("name", "domains", "download_links", "code_lifetime_minutes"))
    if "domains" in named:
        named["domains"] = tuple(domain(one, "domains") for one in named["domains"])
    return replace(setup, **named)


async def _check_unused(read_models: ReadModelStore, organization_id: str, removed: str) -> None:
    bounds = Bounds(equals=(True, removed))
    page = await read_models.find(USERS, organization_id, "by_domain", bounds, limit=1)
    if page.items:
        raise DomainInUse(
            said("Users sign in with %(domain)s. Remove or rename them first.", domain=removed)
        )


def _administrator(data: OrganizationBody, user_id: str) -> RegisterUser:
    home = domain(data.domain, "domain")
    typed = login_id(data.administrator.user_id, default=home)
    if typed.domain != home:
        raise Invalid(
            "administrator.user_id", said("The user id must end in @%(domain)s.", domain=home)
        )
    password = data.administrator.password.get_secret_value()
    names = data.administrator.first_name, data.administrator.last_name
    check_password(password, COMMON, data.name, str(typed), *names, field="administrator.password")
    return RegisterUser(user_id, str(typed), Profile("administrator", *names))
