"""Adding something where a choice comes first: whose device, which provider's account."""

from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from services.portal.answers import go, page
from services.portal.calls import PROVISIONING
from services.portal.guards import administrators
from services.portal.resources import Listed
from services.portal.resources.provisioning import Contact, Provider
from services.portal.visits import Visit

PAGE = 25

Text = Annotated[str, QueryParameter(max_length=2000)]


class ChoosingController(Controller):
    """Where there is nothing to choose, the form comes at once."""

    guards = (administrators,)

    @get("/sip-accounts/new")
    async def provider(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """Which provider a new SIP account is of."""
        providers = await visit.get(
            PROVISIONING, "providers", Listed[Provider], cursor=cursor, limit=PAGE
        )
        if len(providers.items) == 1 and not cursor:
            return go(visit, f"/providers/{providers.items[0].id}/sip-accounts/new")
        return page(visit, "providers.html.j2", providers=providers, cursor=cursor, choosing=True)

    @get("/devices/new")
    async def contact(
        self, visit: NamedDependency[Visit], q: Text = "", cursor: Text = ""
    ) -> Response[Any]:
        """Whose a new device is."""
        contacts = await visit.get(
            PROVISIONING, "contacts", Listed[Contact], q=q[:200], cursor=cursor, limit=PAGE
        )
        if len(contacts.items) == 1 and not q and not cursor:
            return go(visit, f"/contacts/{contacts.items[0].id}/devices/new")
        return page(visit, "contacts.html.j2", contacts=contacts, q=q, cursor=cursor, choosing=True)
