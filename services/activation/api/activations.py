"""HTTP for administrators: the activation code of a device, and what can be done with it."""

from datetime import datetime
from io import BytesIO
from typing import Literal

import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from chassis.answers import changed
from chassis.auth import administrators
from chassis.command_handler import Outcome
from chassis.edge import Edge
from schemas.activation import Client
from schemas.fields import Id
from services.activation.allowance import Allowance
from services.activation.domain.state import Activation, Status
from services.activation.issuing import Issuing
from services.activation.links import Links
from services.activation.viewing import Viewing

QR_SCALE = 8


class ActivationResource(BaseModel):
    """A device's activation. `usable` says whether the code can still be exchanged."""

    device_id: Id
    code: str
    status: Status
    usable: bool
    generation: int
    expires_at: datetime | None
    activation_url: str
    provisioning_url: str
    client: Client | None


def render(device_id: str, known: Activation, links: Links, at: datetime) -> ActivationResource:
    """Show an activation as of a moment."""
    found = links.code(device_id, known)
    return ActivationResource(
        device_id=device_id,
        code=found.code,
        status=known.status(at),
        usable=known.usable(at),
        generation=known.generation,
        expires_at=known.expires_at,
        activation_url=found.activation_url,
        provisioning_url=found.provisioning_url,
        client=known.client if known.trusted else None,
    )


class ActivationController(Controller):
    """Activation codes of the organization's devices."""

    path = "/api/v1/activations/{device_id:str}"
    guards = (administrators,)
    tags = ("activation",)

    @get()
    async def show(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        viewing: NamedDependency[Viewing],
        links: NamedDependency[Links],
    ) -> Response[ActivationResource]:
        """Show a device's code. That it was looked up is recorded."""
        outcome = await viewing.view(edge, device_id)
        return changed(render(device_id, outcome.state, links, edge.cause.at), outcome)

    @get("/qr.png")
    async def qr_code(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        viewing: NamedDependency[Viewing],
        links: NamedDependency[Links],
    ) -> Response[bytes]:
        """Show the code as a QR code for a softphone to scan. Refused once the code is dead."""
        outcome = await viewing.usable(edge, device_id)
        picture = _picture(outcome, device_id, links, "png")
        return Response(picture, media_type="image/png")

    @get("/qr.svg")
    async def qr_drawing(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        viewing: NamedDependency[Viewing],
        links: NamedDependency[Links],
    ) -> Response[bytes]:
        """Show the QR code as a drawing of any size. Refused once the code is dead."""
        outcome = await viewing.usable(edge, device_id)
        drawing = _picture(outcome, device_id, links, "svg")
        return Response(drawing, media_type="image/svg+xml")

    @post("/reissue", status_code=200)
    async def reissue(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        allowance: NamedDependency[Allowance],
        issuing: NamedDependency[Issuing],
        links: NamedDependency[Links],
    ) -> Response[ActivationResource]:
        """Replace the code; the earlier one fails from now on. An activated device goes on."""
        await allowance.spend(edge.organization)
        outcome = await issuing.reissue(edge.cause, edge.organization, device_id, edge.if_version)
        return changed(render(device_id, outcome.state, links, edge.cause.at), outcome)


def _picture(
    outcome: Outcome[Activation], device_id: str, links: Links, kind: Literal["png", "svg"]
) -> bytes:
    image = BytesIO()
    url = links.code(device_id, outcome.state).provisioning_url
    segno.make_qr(url, error="m").save(image, kind=kind, scale=QR_SCALE)
    return image.getvalue()
