"""HTTP for organizations: anyone may open one, its administrators look after it."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field, SecretStr

from chassis.answers import RequestBody, changed, found
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Invalid, Refused, present
from chassis.edge import Edge
from schemas.fields import Id, Name, PersonName
from services.sessions.domain.aggregates import organization_of, user_of
from services.sessions.domain.login_id import domain, login_id
from services.sessions.domain.organization import (
    Organization,
    RegisterOrganization,
    organization,
)
from services.sessions.domain.user import RegisterUser, check_password, user
from services.sessions.passwords import Passwords
from services.sessions.settings import Settings


class SelfRegistrationOff(Refused):
    """Organizations are registered by the operator only."""

    status = 403


class AdministratorBody(RequestBody):
    """The first administrator of an organization."""

    user_id: Annotated[str, Field(max_length=320)]
    password: SecretStr
    first_name: PersonName
    last_name: PersonName


class OrganizationBody(RequestBody):
    """A new organization and its first administrator."""

    name: Name
    domain: Annotated[str, Field(max_length=253)]
    administrator: AdministratorBody


class OrganizationResource(BaseModel):
    """An organization as it is set up now."""

    id: Id
    name: str
    domains: tuple[str, ...]
    sign_in_name: str


def render(organization_id: str, state: Organization) -> OrganizationResource:
    """Show an organization."""
    return OrganizationResource(
        id=organization_id,
        name=state.name,
        domains=state.domains,
        sign_in_name=state.sign_in_name,
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
        await passwords.keep(organization_id, user_id, first.credential_version, password)
        registered, _ = await commands.handle_all(
            edge.cause,
            Intent(
                organization_of(organization_id),
                organization,
                RegisterOrganization(organization_id, data.name, domain(data.domain, "domain")),
            ),
            Intent(user_of(organization_id, user_id), user, first),
        )
        return changed(
            render(organization_id, registered.state),
            registered,
            status_code=201,
            location=f"{self.path}/organization",
        )

    @get("/organization", guards=[administrators])
    async def show(
        self, principal: NamedDependency[Principal], commands: NamedDependency[CommandHandler]
    ) -> Response[OrganizationResource]:
        """Show one's own organization."""
        known = await commands.look(organization_of(principal.organization), organization)
        return found(render(principal.organization, present(known.state)), known.version)


def _administrator(data: OrganizationBody, user_id: str) -> RegisterUser:
    home = domain(data.domain, "domain")
    typed = login_id(data.administrator.user_id, default=home)
    if typed.domain != home:
        raise Invalid("administrator.user_id", f"The user id must end in @{home}.")
    password = data.administrator.password.get_secret_value()
    check_password(password, "administrator.password")
    return RegisterUser(
        user_id=user_id,
        login_id=str(typed),
        role="administrator",
        first_name=data.administrator.first_name,
        last_name=data.administrator.last_name,
    )
