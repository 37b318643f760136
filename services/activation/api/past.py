"""HTTP for administrators: what a device is, was or would have been set up as."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from pydantic import BaseModel

from chassis.auth import Principal, administrators
from chassis.decider import Invalid
from chassis.edge import Edge
from schemas.fields import Id
from services.activation.api.formats import sent
from services.activation.configurations import Configurations
from services.activation.difference import difference
from services.activation.past import Past
from services.activation.renderers import renderer_of

Moment = Annotated[
    datetime | None, QueryParameter(description="A past moment with its zone; now if unsaid.")
]
Since = Annotated[datetime, QueryParameter(description="The earlier moment, with its zone.")]


class ChangeResource(BaseModel):
    """A field that is another one now; masked secrets look the same before and after."""

    slot: int | None
    field: str
    before: Any
    after: Any


class DifferenceResource(BaseModel):
    """What changed in a configuration between two moments."""

    device_id: Id
    since: datetime
    until: datetime
    changes: list[ChangeResource]


class PastController(Controller):
    """Configurations for other eyes than the device's: their passwords are masked."""

    path = "/api/v1/devices/{device_id:str}/configuration"
    guards = (administrators,)
    tags = ("activation",)

    @get()
    async def show(
        self,
        device_id: FromPath[Id],
        principal: NamedDependency[Principal],
        configurations: NamedDependency[Configurations],
        past: NamedDependency[Past],
        format: FromQuery[str | None] = None,
        at: Moment = None,
    ) -> Response[bytes]:
        """Show what a device is to be set up as, or would have been at a past moment."""
        renderer, organization = renderer_of(format), principal.organization
        if at is None:
            configuration = await configurations.masked(organization, device_id)
        else:
            then = await past.at(organization, device_id, _zoned(at, "at"))
            configuration = then.configuration
        return sent(renderer, configuration, None)

    @get("/difference")
    async def compare(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        past: NamedDependency[Past],
        since: Since,
        until: Moment = None,
    ) -> DifferenceResource:
        """Show every field of a device's configuration that changed between two moments."""
        end = _zoned(until or edge.cause.at, "until")
        before = await past.at(edge.organization, device_id, _zoned(since, "since"))
        after = await past.at(edge.organization, device_id, end)
        changes = [
            ChangeResource(slot=c.slot, field=c.field, before=c.before, after=c.after)
            for c in difference(before, after)
        ]
        return DifferenceResource(device_id=device_id, since=since, until=end, changes=changes)


def _zoned(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise Invalid(field, "Say the zone as well: 2026-05-03T14:02:00Z, say.")
    return moment.astimezone(UTC)
