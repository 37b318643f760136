"""HTTP for service providers."""

from typing import Any

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel

from chassis.answers import Listed, RequestBody, changed, created, gone, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import ReadModelStore
from chassis.web.problems import problems
from schemas.fields import Id
from schemas.provisioning import Port, Transport
from services.provisioning.bodies import ABSENT, VisibleName, VisibleSipText, given
from services.provisioning.domain.aggregates import provider_of
from services.provisioning.domain.provider import (
    AddProvider,
    ChangeProvider,
    NoSuchProvider,
    Provider,
    RemoveProvider,
    provider,
)
from services.provisioning.domain.sip_address import host, proxy, proxy_text
from services.provisioning.listing import Order, Sort, sorted_page
from services.provisioning.projections import PROVIDERS, ProviderView
from services.provisioning.reachability import (
    NotToBeAsked,
    ReachabilityTest,
    ReachabilityTestOff,
    TooManyTests,
)
from services.provisioning.removing import InUse, Removing
from services.provisioning.sip_options import Reachability


class ProviderBody(RequestBody):
    """A provider as an administrator enters it. An empty port means 5060."""

    name: VisibleName
    sip_server: str
    sip_port: Port | None = None
    sip_proxy: str | None = None
    realm: VisibleSipText | None = None


class ProviderChange(RequestBody):
    """What is to be different about a provider. A port of null means 5060."""

    name: VisibleName = ABSENT
    sip_server: str = ABSENT
    sip_port: Port | None = None
    sip_proxy: str | None = None
    realm: VisibleSipText | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Raises `Invalid`."""
        changes = given(self)
        if "sip_server" in changes:
            changes["sip_server"] = host(self.sip_server, "sip_server")
        if "sip_proxy" in changes:
            changes["sip_proxy"] = proxy(self.sip_proxy, "sip_proxy")
        return changes


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


class ReachabilityResource(BaseModel):
    """Whether a server is there, and nothing else about it."""

    result: Reachability


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
        made = render(edge.resource_id, present(outcome.state))
        return created(made, outcome, self.path, edge.resource_id)

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        sort: Sort = "name",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[ProviderResource]:
        """List the service providers. Every organization has a default one."""
        here, order = principal.organization, Order.of(sort)
        page = await sorted_page(read_models, PROVIDERS, here, order, cursor, limit)
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

    @patch("/{provider_id:str}")
    async def change(
        self,
        provider_id: FromPath[Id],
        data: JSONBody[ProviderChange],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[ProviderResource]:
        """Change a provider. Every device that reaches it gets a new revision."""
        aggregate = provider_of(edge.organization, provider_id)
        command = ChangeProvider(provider_id, data.changes)
        intent = Intent(aggregate, provider, command, edge.if_version)
        outcome = await commands.handle(edge.cause, intent)
        view = await read_models.get(PROVIDERS, edge.organization, provider_id)
        count = view.sip_account_count if view else 0
        return changed(render(provider_id, present(outcome.state), count), outcome)

    @delete("/{provider_id:str}", responses=problems(InUse))
    async def remove(
        self,
        provider_id: FromPath[Id],
        edge: NamedDependency[Edge],
        removing: NamedDependency[Removing],
    ) -> Response[None]:
        """Remove a provider that has no SIP accounts any more."""
        aggregate = provider_of(edge.organization, provider_id)
        command = RemoveProvider(provider_id)
        intent = Intent(aggregate, provider, command, edge.if_version)
        return gone(await removing.provider(edge.cause, intent))

    @post(
        "/{provider_id:str}/test",
        status_code=200,
        responses=problems(ReachabilityTestOff, TooManyTests, NotToBeAsked),
    )
    async def test(
        self,
        provider_id: FromPath[Id],
        principal: NamedDependency[Principal],
        commands: NamedDependency[CommandHandler],
        reachability: NamedDependency[ReachabilityTest],
        transport: FromQuery[Transport] = "udp",
    ) -> ReachabilityResource:
        """Ask the provider's SIP server whether it is there, if the operator allows such tests."""
        aggregate = provider_of(principal.organization, provider_id)
        state = (await commands.look(aggregate, provider)).state
        if state is None or state.removed:
            raise NoSuchProvider
        answer = await reachability.of(principal.organization, state, transport)
        return ReachabilityResource(result=answer)
