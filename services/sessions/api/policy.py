"""HTTP for how people sign in: what administrators choose, what the sign-in page shows."""

from typing import Annotated

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from pydantic import BaseModel, Field

from chassis.answers import RequestBody, changed, found
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from schemas.fields import Language
from schemas.sessions import Hours
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import organization_of
from services.sessions.domain.login_id import domain
from services.sessions.domain.organization import SetSignInPolicy, organization
from services.sessions.domain.policy import (
    GRACE_SECONDS,
    LANGUAGES,
    SecondSignIn,
    SignInPolicy,
)
from services.sessions.settings import Settings

LONGEST_GRACE_SECONDS = 86_400
Languages = Annotated[tuple[Language, ...], Field(min_length=1, max_length=len(LANGUAGES))]


class PolicyBody(RequestBody):
    """How people sign in; what is left out is as it is by default."""

    default_domain: Annotated[str, Field(max_length=253)] | None = None
    users_may_set_domain: bool = False
    languages: Languages = LANGUAGES
    grace_seconds: Annotated[int, Field(ge=0, le=LONGEST_GRACE_SECONDS)] = GRACE_SECONDS
    second_sign_in: SecondSignIn = "refuse"
    max_session_hours: Hours | None = None


class PolicyResource(BaseModel):
    """How people sign in."""

    default_domain: str
    users_may_set_domain: bool
    languages: tuple[str, ...]
    grace_seconds: int
    second_sign_in: SecondSignIn
    max_session_hours: float | None


class OptionsResource(BaseModel):
    """What the sign-in page offers before anybody has signed in.

    Name and help contact are told for the organization whose page it is.
    """

    languages: tuple[str, ...]
    default_domain: str | None
    users_may_set_domain: bool
    organization: str | None = None
    help_contact: str | None = None
    self_registration: bool


def render(policy: SignInPolicy) -> PolicyResource:
    """Show a policy."""
    return PolicyResource(
        default_domain=policy.default_domain,
        users_may_set_domain=policy.users_may_set_domain,
        languages=policy.languages,
        grace_seconds=policy.grace_seconds,
        second_sign_in=policy.second_sign_in,
        max_session_hours=policy.max_session_hours,
    )


class PolicyController(Controller):
    """How people sign in."""

    path = "/api/v1"
    tags = ("sign-in",)

    @get("/sign-in/options")
    async def options(
        self,
        directory: NamedDependency[Directory],
        settings: NamedDependency[Settings],
        sign_in_name: FromQuery[Annotated[str | None, Field(max_length=253)]] = None,
    ) -> OptionsResource:
        """Say what the sign-in page offers. An unknown name gets what is offered by default."""
        own = home = await directory.named(sign_in_name)
        if home is None and settings.default_domain:
            home = await directory.owner_of(settings.default_domain)
        return OptionsResource(
            languages=home.policy.languages if home else LANGUAGES,
            default_domain=home.policy.default_domain if home else settings.default_domain,
            users_may_set_domain=bool(home and home.policy.users_may_set_domain),
            organization=own.setup.name if own else None,
            help_contact=own.setup.help_contact if own else None,
            self_registration=settings.self_registration,
        )

    @get("/sign-in-policy", guards=[administrators])
    async def show(
        self, principal: NamedDependency[Principal], commands: NamedDependency[CommandHandler]
    ) -> Response[PolicyResource]:
        """Show how people sign in."""
        known = await commands.look(organization_of(principal.organization), organization)
        return found(render(present(known.state).policy), known.version)

    @put("/sign-in-policy", guards=[administrators])
    async def set(
        self,
        data: JSONBody[PolicyBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        directory: NamedDependency[Directory],
    ) -> Response[PolicyResource]:
        """Choose how people sign in from now on."""
        here = await directory.organization(principal.organization)
        default = domain(data.default_domain, "default_domain") if data.default_domain else None
        policy = SignInPolicy(
            default_domain=default or here.setup.domains[0],
            users_may_set_domain=data.users_may_set_domain,
            languages=data.languages,
            grace_seconds=data.grace_seconds,
            second_sign_in=data.second_sign_in,
            max_session_hours=data.max_session_hours,
        )
        intent = Intent(
            organization_of(principal.organization),
            organization,
            SetSignInPolicy(principal.organization, policy),
            edge.if_version,
        )
        outcome = await commands.handle(edge.cause, intent)
        return changed(render(present(outcome.state).policy), outcome)
