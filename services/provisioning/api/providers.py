"""HTTP for service providers."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel

from chassis.answers import Listed, RequestBody, changed, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import ReadModelStore
from schemas.fields import Id, Name
from schemas.provisioning import Port, SipText
from services.provisioning.domain.aggregates import provider_of
from services.provisioning.domain.provider import AddProvider, Provider, provider
from services.provisioning.domain.sip_address import host, proxy, proxy_text
from services.provisioning.projections import PROVIDERS, ProviderView


class ProviderBody(RequestBody):
    """A provider as an administrator enters it. An empty port means 5060."""

    name: Name
    sip_server: str
    sip_port: Port | None = None
    sip_proxy: str | None = None
    realm: SipText | None = None


class ProviderResource(BaseModel):
    """A provider as it is set up now."""

    id: Id
    name: str
    sip_server: str
    sip_port: int
    sip_proxy: str | None
    realm: str | None
    is_default: bool
    sip_account_count: int


def render(provider_id: str, state: Provider, sip_account_count: int = 0) -> ProviderResource:
    """Show a provider."""
    return ProviderResource(
        id=provider_id,
        name=state.name,
        sip_server=state.sip_server,
        sip_port=state.sip_port,
        sip_proxy=proxy_text(state.sip_proxy),
        realm=state.realm,
        is_default=state.is_default,
        sip_account_count=sip_account_count,
    )


def render_view(view: ProviderView) -> ProviderResource:
    """Show a provider of a list."""
    return render(view.id, view.provider, view.sip_account_count)


class ProviderController(Controller):
    """Service providers of the organization."""

    path = "/api/v1/providers"
    guards = (administrators,)
    tags = ("providers",)

    @post()
    async def add(
        self,
        data: JSONBody[ProviderBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[ProviderResource]:
        """Add a service provider. SIP accounts can be added to it from then on."""
        outcome = await commands.handle(
            edge.cause,
            Intent(
                provider_of(edge.organization, edge.resource_id),
                provider,
                AddProvider(
                    provider_id=edge.resource_id,
                    name=data.name,
                    sip_server=host(data.sip_server, "sip_server"),
                    sip_port=data.sip_port,
                    sip_proxy=proxy(data.sip_proxy, "sip_proxy"),
                    realm=data.realm,
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
    ) -> Listed[ProviderResource]:
        """List the service providers by name. Every organization has a default one."""
        page = await read_models.find(
            PROVIDERS, principal.organization, "by_name", cursor=cursor, limit=limit
        )
        return listed(page, render_view)

    @get("/{provider_id:str}")
    async def show(
        self,
        provider_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[ProviderResource]:
        """Show one service provider."""
        view = await read_models.get(PROVIDERS, principal.organization, provider_id)
        return shown(view, render_view)
