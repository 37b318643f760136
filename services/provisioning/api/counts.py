"""HTTP for how much an organization has."""

from litestar import Controller, get
from litestar.di import NamedDependency
from pydantic import BaseModel

from chassis.auth import Principal, administrators
from chassis.read_models import ReadModelStore
from services.provisioning.projections import COUNTS, CountsView
from services.provisioning.views.counts import KEY


class CountsResource(BaseModel):
    """How many there are of each."""

    providers: int
    sip_accounts: int
    contacts: int
    devices: int


class CountsController(Controller):
    """An organization in numbers."""

    path = "/api/v1/counts"
    guards = (administrators,)
    tags = ("counts",)

    @get()
    async def show(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> CountsResource:
        """Say how many providers, SIP accounts, contacts and devices there are."""
        view = await read_models.get(COUNTS, principal.organization, KEY) or CountsView()
        return CountsResource(
            providers=view.providers,
            sip_accounts=view.sip_accounts,
            contacts=view.contacts,
            devices=view.devices,
        )
