"""HTTP for users: administrators look after them, everybody after the own password."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field, SecretStr

from chassis.answers import Listed, RequestBody, changed, created, found, gone, listed
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Invalid, present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id, Language, PersonName
from schemas.said import said
from schemas.sessions import Role
from services.sessions.api.bodies import given
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.login_id import domain, login_id
from services.sessions.domain.password import check_password
from services.sessions.domain.policy import OwnDomainNotAllowed
from services.sessions.domain.user import (
    ChangeUser,
    Profile,
    RegisterUser,
    RemoveUser,
    User,
    user,
)
from services.sessions.passwords import COMMON, Passwords
from services.sessions.projections import USERS
from services.sessions.references import References

Typed = Annotated[str, Field(min_length=1, max_length=320)]
Accounts = Annotated[tuple[Id, ...], Field(min_length=1, max_length=4)]
DomainText = Annotated[str, Field(max_length=253)]


class UserBody(RequestBody):
    """A new user. Without a password nobody can sign in until one is set."""

    user_id: Typed
    password: SecretStr | None = None
    role: Role
    first_name: PersonName
    last_name: PersonName
    language: Language | None = None
    contact_id: Id | None = None
    sip_account_ids: Accounts | None = None
    append_domain: DomainText | None = None


class UserPatch(RequestBody):
    """What is to be different about a user."""

    role: Role | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    language: Language | None = None
    contact_id: Id | None = None
    sip_account_ids: Accounts | None = None
    append_domain: DomainText | None = None


class UserResource(BaseModel):
    """A user as administrators see it."""

    user_id: str
    role: Role
    first_name: str
    last_name: str
    language: str | None
    contact_id: str | None
    sip_account_ids: tuple[str, ...] | None
    append_domain: str | None


def render(known: User) -> UserResource:
    """Show a user."""
    profile = known.profile
    return UserResource(
        user_id=known.login_id,
        role=profile.role,
        first_name=profile.first_name,
        last_name=profile.last_name,
        language=profile.language,
        contact_id=profile.contact_id,
        sip_account_ids=profile.sip_account_ids or None,
        append_domain=profile.append_domain,
    )


class UserController(Controller):
    """The people of an organization."""

    path = "/api/v1/users"
    tags = ("users",)

    @post(guards=[administrators])
    async def register(
        self,
        data: JSONBody[UserBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        passwords: NamedDependency[Passwords],
        directory: NamedDependency[Directory],
        references: NamedDependency[References],
    ) -> Response[UserResource]:
        """Register a user. The user id alone gets the default domain of the organization."""
        here = await directory.organization(edge.organization)
        typed = login_id(data.user_id, default=here.policy.default_domain)
        if typed.domain not in here.setup.domains:
            raise Invalid(
                "user_id",
                said(
                    "Use one of your domains: %(domains)s.", domains=", ".join(here.setup.domains)
                ),
            )
        profile = Profile(data.role, data.first_name, data.last_name)
        fields = data.model_dump(include=set(UserPatch.model_fields), exclude_none=True)
        profile = await _checked(edge.organization, profile, fields, directory, references)
        command = RegisterUser(edge.resource_id, str(typed), profile)
        intent = Intent(user_of(edge.organization, edge.resource_id), user, command)
        if data.password:
            password = data.password.get_secret_value()
            names = (str(typed), data.first_name, data.last_name)
            check_password(password, COMMON, here.setup.name, *names)
            async with passwords.kept(edge.organization, edge.resource_id, password):
                outcome = await commands.handle(edge.cause, intent)
        else:
            outcome = await commands.handle(edge.cause, intent)
        made = render(present(outcome.state))
        return created(made, outcome, self.path, quote(made.user_id, safe=""))

    @get(guards=[administrators])
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[UserResource]:
        """List the users by user id."""
        page = await read_models.find(
            USERS,
            principal.organization,
            "by_login_id",
            Bounds(equals=(True,)),
            cursor=cursor,
            limit=limit,
        )
        return listed(page, lambda view: render(view.user))

    @get("/{user_id:str}", guards=[administrators])
    async def show(
        self,
        user_id: FromPath[Typed],
        principal: NamedDependency[Principal],
        directory: NamedDependency[Directory],
    ) -> Response[UserResource]:
        """Show one user."""
        known = await directory.user(principal.organization, user_id)
        return found(render(known.user), known.version)

    @patch("/{user_id:str}", guards=[administrators])
    async def change(
        self,
        user_id: FromPath[Typed],
        data: JSONBody[UserPatch],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        directory: NamedDependency[Directory],
        references: NamedDependency[References],
    ) -> Response[UserResource]:
        """Change a user. Another role takes effect at the next sign-in, so it signs out."""
        known = await directory.user(edge.organization, user_id)
        fields = given(data, ("role", "first_name", "last_name"))
        profile = await _checked(
            edge.organization, known.user.profile, fields, directory, references
        )
        by = edge.cause.actor
        ending: Sequence[Intent[Any, Any]] = ()
        if profile.role != known.user.role:
            ending = await directory.ending(edge.organization, known.user_id, by)
        intent = Intent(
            user_of(edge.organization, known.user_id),
            user,
            ChangeUser(known.user_id, profile, by),
            edge.if_version,
        )
        outcome, *_ = await commands.handle_all(edge.cause, intent, *ending)
        return changed(render(present(outcome.state)), outcome)

    @delete("/{user_id:str}", status_code=204, guards=[administrators])
    async def remove(
        self,
        user_id: FromPath[Typed],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        directory: NamedDependency[Directory],
        passwords: NamedDependency[Passwords],
    ) -> Response[None]:
        """Remove a user, who is signed out."""
        known = await directory.user(edge.organization, user_id)
        by = edge.cause.actor
        ending = await directory.ending(edge.organization, known.user_id, by)
        command, aggregate = (
            RemoveUser(known.user_id, by),
            user_of(edge.organization, known.user_id),
        )
        intent = Intent(aggregate, user, command, edge.if_version)
        outcome, *_ = await commands.handle_all(edge.cause, intent, *ending)
        # What a crash leaves of it, the worker sweeps away.
        version = known.user.credential_version
        await passwords.forget(edge.organization, known.user_id, version, version + 1)
        return gone(outcome)


async def _checked(
    organization: str,
    profile: Profile,
    fields: dict[str, Any],
    directory: Directory,
    references: References,
) -> Profile:
    if fields.get("append_domain") is not None:
        if not (await directory.organization(organization)).policy.users_may_set_domain:
            raise OwnDomainNotAllowed
        fields["append_domain"] = domain(fields["append_domain"], "append_domain")
    if fields.get("contact_id"):
        await references.check(organization, "contact_id", "contact", [fields["contact_id"]])
    if "sip_account_ids" in fields:
        fields["sip_account_ids"] = tuple(fields["sip_account_ids"] or ())
        await references.check(
            organization, "sip_account_ids", "sip_account", fields["sip_account_ids"]
        )
    return replace(profile, **fields)
