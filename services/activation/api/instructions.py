"""HTTP for administrators: the page with a device's activation instructions, as data."""

from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, EmailStr, Field

from chassis.answers import RequestBody, changed
from chassis.auth import administrators
from chassis.edge import Edge
from schemas.fields import Id, Language
from services.activation.api.activations import ActivationResource, render
from services.activation.instructing import Instructing
from services.activation.instructions import InstructionPages
from services.activation.links import Links
from services.activation.viewing import Viewing


class InstructionsBody(RequestBody):
    """Addresses of the contact; without any, all at work, else the first."""

    addresses: Annotated[tuple[EmailStr, ...], Field(min_length=1, max_length=20)] | None = None


class RequestedResource(BaseModel):
    """The mails are on their way to the notifier under this id."""

    request_id: Id


class AddressResource(BaseModel):
    """An address the instructions can be mailed to."""

    address: str
    label: Literal["work", "home"]


class InstructionsResource(BaseModel):
    """The code, its pictures, and what to do with it, by platform.

    `typed_passwords` names the accounts whose SIP password the app will ask for.
    """

    activation: ActivationResource
    device_name: str
    language: Language
    qr_png_url: str
    qr_svg_url: str
    steps: dict[str, list[str]]
    download_links: dict[str, str]
    typed_passwords: list[str]
    addresses: list[AddressResource]


class InstructionsController(Controller):
    """Device Activation Instructions: what the portal shows and the mail says."""

    path = "/api/v1/activations/{device_id:str}/instructions"
    guards = (administrators,)
    tags = ("activation",)

    @get()
    async def show(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        viewing: NamedDependency[Viewing],
        links: NamedDependency[Links],
        instruction_pages: NamedDependency[InstructionPages],
        language: FromQuery[Language | None] = None,
    ) -> Response[InstructionsResource]:
        """Show a device's code with everything needed to use it. The look is recorded."""
        outcome = await viewing.view(edge, device_id)
        page = await instruction_pages.of(edge.organization, device_id, language)
        base = f"/api/v1/activations/{device_id}"
        resource = InstructionsResource(
            activation=render(device_id, outcome.state, links, edge.cause.at),
            device_name=page.device_name,
            language=page.language,
            qr_png_url=f"{base}/qr.png",
            qr_svg_url=f"{base}/qr.svg",
            steps={platform: list(texts) for platform, texts in page.steps.items()},
            download_links=dict(page.download_links),
            typed_passwords=list(page.typed_passwords),
            addresses=[AddressResource(address=e.address, label=e.label) for e in page.emails],
        )
        return changed(resource, outcome)

    @post(status_code=202)
    async def request_instructions(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        instructing: NamedDependency[Instructing],
        data: JSONBody[InstructionsBody | None] = None,
    ) -> Response[RequestedResource]:
        """Have the code and how to use it mailed to the device's contact."""
        outcome = await instructing.request(edge, device_id, data.addresses if data else None)
        return changed(RequestedResource(request_id=edge.resource_id), outcome, status_code=202)
