"""HTTP for SIP accounts. A password comes in, is sealed at once and never goes out."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from chassis.answers import Listed, RequestBody, changed, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id, Name
from schemas.provisioning import DialingRule, SipText, Transport
from services.provisioning.domain.aggregates import provider_of, sip_account_of
from services.provisioning.domain.provider import provider
from services.provisioning.domain.sip_account import (
    AddSipAccount,
    SipAccount,
    check_password,
    sip_account,
)
from services.provisioning.projections import SIP_ACCOUNTS, SipAccountView
from services.provisioning.safe import Safe

AnyCase = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class SipAccountBody(RequestBody):
    """A SIP account as an administrator enters it."""

    friendly_name: Name
    username: SipText
    protocol: Annotated[Transport, AnyCase]
    password: Annotated[SecretStr, Field(min_length=1, max_length=128)] | None = None
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: SipText | None = None
    display_name: SipText | None = None
    dialing_rules: Annotated[tuple[DialingRule, ...], Field(max_length=50)] = ()
    enabled: bool = True


class SipAccountResource(BaseModel):
    """A SIP account as it is set up now. Its password is never shown."""

    id: Id
    provider_id: Id
    friendly_name: str
    username: str
    protocol: Transport
    password_entered_on_device: bool
    has_password: bool
    use_push_proxy: bool
    authorization_username: str | None
    display_name: str | None
    dialing_rules: tuple[DialingRule, ...]
    enabled: bool


def render(account_id: str, state: SipAccount) -> SipAccountResource:
    """Show an account."""
    return SipAccountResource(
        id=account_id,
        provider_id=state.provider_id,
        friendly_name=state.friendly_name,
        username=state.username,
        protocol=state.protocol,
        password_entered_on_device=state.password_entered_on_device,
        has_password=state.has_password,
        use_push_proxy=state.use_push_proxy,
        authorization_username=state.authorization_username,
        display_name=state.display_name,
        dialing_rules=state.dialing_rules,
        enabled=state.enabled,
    )


def render_view(view: SipAccountView) -> SipAccountResource:
    """Show an account of a list."""
    return render(view.id, view.account)


class SipAccountController(Controller):
    """SIP accounts of the organization's providers."""

    path = "/api/v1"
    guards = (administrators,)
    tags = ("sip accounts",)

    @post("/providers/{provider_id:str}/sip-accounts")
    async def add(
        self,
        provider_id: FromPath[Id],
        data: JSONBody[SipAccountBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        safe: NamedDependency[Safe],
    ) -> Response[SipAccountResource]:
        """Add a SIP account to a provider."""
        at_provider = await commands.look(provider_of(edge.organization, provider_id), provider)
        check_password(
            given=data.password is not None, entered_on_device=data.password_entered_on_device
        )
        secret = (
            await safe.keep(edge.organization, edge.resource_id, 1, data.password)
            if data.password
            else None
        )
        outcome = await commands.handle(
            edge.cause,
            Intent(
                sip_account_of(edge.organization, edge.resource_id),
                sip_account,
                AddSipAccount(
                    sip_account_id=edge.resource_id,
                    provider_id=provider_id,
                    provider_exists=at_provider.state is not None,
                    secret=secret,
                    **data.model_dump(exclude={"password", "dialing_rules"}),
                    dialing_rules=data.dialing_rules,
                ),
            ),
        )
        return changed(
            render(edge.resource_id, present(outcome.state)),
            outcome,
            status_code=201,
            location=f"{self.path}/sip-accounts/{edge.resource_id}",
        )

    @get("/sip-accounts")
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        provider_id: FromQuery[Id | None] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[SipAccountResource]:
        """List the SIP accounts by name, of all providers or of one."""
        index, bounds = (
            ("by_provider", Bounds(equals=(provider_id,))) if provider_id else ("by_name", Bounds())
        )
        page = await read_models.find(
            SIP_ACCOUNTS, principal.organization, index, bounds, cursor=cursor, limit=limit
        )
        return listed(page, render_view)

    @get("/sip-accounts/{sip_account_id:str}")
    async def show(
        self,
        sip_account_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[SipAccountResource]:
        """Show one SIP account."""
        view = await read_models.get(SIP_ACCOUNTS, principal.organization, sip_account_id)
        return shown(view, render_view)
