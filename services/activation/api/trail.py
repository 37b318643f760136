"""HTTP for administrators: what happened to a device's codes."""

from datetime import datetime

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from chassis.auth import administrators
from chassis.edge import Edge
from schemas.activation import Client
from schemas.fields import Id
from services.activation.trail import Step, Trails, What


class StepResource(BaseModel):
    """One step. `detail` is a reason or what became of a mail; `source` stands for an address."""

    at: datetime
    what: What
    generation: int | None
    by: str | None
    detail: str | None
    address: str | None
    source: str | None
    client: Client | None
    revision: int | None


class TrailResource(BaseModel):
    """Everything that happened to the codes of a device and through them, oldest first."""

    device_id: Id
    steps: list[StepResource]


class TrailController(Controller):
    """The trail of a device's activation codes. No code stands in it."""

    path = "/api/v1/activations/{device_id:str}/trail"
    guards = (administrators,)
    tags = ("activation",)

    @get()
    async def show(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        trails: NamedDependency[Trails],
    ) -> TrailResource:
        """Show who issued, viewed, mailed, tried and used the codes of a device, and when."""
        steps = await trails.of(edge.organization, device_id, edge.cause.at)
        return TrailResource(device_id=device_id, steps=[_rendered(step) for step in steps])


def _rendered(step: Step) -> StepResource:
    return StepResource(
        at=step.at,
        what=step.what,
        generation=step.generation,
        by=step.by,
        detail=step.detail,
        address=step.address,
        source=step.source,
        client=step.client,
        revision=step.revision,
    )
