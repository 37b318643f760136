"""Service providers: whose SIP servers the phones register at."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import go, page
from services.portal.calls import PROVISIONING
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import Listed, values
from services.portal.resources.provisioning import Provider, SipAccount
from services.portal.visits import Visit

Cursor = Annotated[str, QueryParameter(max_length=2000)]
FIELDS = ("name", "sip_server", "sip_port", "sip_proxy", "realm")


class ProvidersController(Controller):
    """Providers, each with its SIP accounts."""

    path = "/providers"
    guards = (administrators,)

    @get()
    async def show_all(self, visit: NamedDependency[Visit], cursor: Cursor = "") -> Response[Any]:
        """The providers by name."""
        providers = await visit.get(PROVISIONING, "providers", Listed[Provider], cursor=cursor)
        return page(visit, "providers.html.j2", providers=providers, cursor=cursor, choosing=False)

    @get("/new")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new provider."""
        return page(visit, "provider_form.html.j2", form=Form(), provider=None)

    @post("/new")
    async def add(
        self, request: Request[Any, Any, Any], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Add a provider; then it is time for its SIP accounts."""
        form = await Form.of(request)
        body = form.body(*FIELDS)
        try:
            added = await visit.do(
                "POST", PROVISIONING, "providers", Provider, body, once=form.once
            )
        except Declined as declined:
            return _again(visit, form, declined, None)
        return go(visit, f"/providers/{added.id}", visit.say("The provider is saved."))

    @get("/{provider_id:str}")
    async def show(
        self, provider_id: FromPath[str], visit: NamedDependency[Visit], cursor: Cursor = ""
    ) -> Response[Any]:
        """A provider and its SIP accounts."""
        provider = await visit.get(PROVISIONING, f"providers/{provider_id}", Provider)
        accounts = await visit.get(
            PROVISIONING, "sip-accounts", Listed[SipAccount], provider_id=provider_id, cursor=cursor
        )
        return page(visit, "provider.html.j2", provider=provider, accounts=accounts, cursor=cursor)

    @get("/{provider_id:str}/edit")
    async def ask_change(
        self, provider_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """The form with what the provider is now."""
        provider = await visit.get(PROVISIONING, f"providers/{provider_id}", Provider)
        form = Form(values=values(provider))
        return page(visit, "provider_form.html.j2", form=form, provider=provider)

    @post("/{provider_id:str}/edit")
    async def change(
        self,
        provider_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
    ) -> Response[Any]:
        """Change a provider. Every phone that reaches it fetches a new configuration."""
        form = await Form.of(request)
        path = f"providers/{provider_id}"
        try:
            body = form.body(*FIELDS, empty=True)
            await visit.tell("PATCH", PROVISIONING, path, body, once=form.once)
        except Declined as declined:
            return _again(visit, form, declined, await visit.get(PROVISIONING, path, Provider))
        return go(visit, f"/{path}", visit.say("The provider is saved."))

    @post("/{provider_id:str}/remove")
    async def remove(
        self, provider_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Remove a provider that nothing uses any more."""
        await visit.tell("DELETE", PROVISIONING, f"providers/{provider_id}")
        return go(visit, "/providers", visit.say("The provider is removed."))


def _again(
    visit: Visit, form: Form, declined: Declined, provider: Provider | None
) -> Response[Any]:
    shown = form.wrong(declined)
    return page(
        visit, "provider_form.html.j2", status=declined.status, form=shown, provider=provider
    )
