"""Where an administrator begins: what is there, and what to do next."""

from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from services.portal.answers import page
from services.portal.calls import PROVISIONING
from services.portal.guards import administrators
from services.portal.resources.provisioning import Counts
from services.portal.visits import Visit


class HomeController(Controller):
    """The overview."""

    guards = (administrators,)

    @get("/home")
    async def show(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """Numbers, and the first steps as long as there are any to do."""
        counts = await visit.get(PROVISIONING, "counts", Counts)
        return page(visit, "home.html.j2", counts=counts)
