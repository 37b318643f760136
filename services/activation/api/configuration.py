"""HTTP for activated softphones: the present configuration, by device token."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter

from chassis.decider import Refused
from chassis.edge import Edge
from chassis.web.problems import problems
from services.activation.api.formats import sent, wanted
from services.activation.fetching import Fetched, Fetching, TokenUnknown
from services.activation.links import Links
from services.activation.renderers.renderer import Renderer

KnownTag = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="The `ETag` the softphone already has."),
]


class AddressUnknown(Refused):
    """There is no configuration at this address."""

    status = 404


class ConfigurationController(Controller):
    """Configurations of activated devices. A deactivated one gets four blank slots."""

    tags = ("softphones",)

    @get("/api/v1/configuration", responses=problems(TokenUnknown))
    async def show(
        self,
        request: Request[Any, Any, Any],
        edge: NamedDependency[Edge],
        fetching: NamedDependency[Fetching],
        links: NamedDependency[Links],
        format: FromQuery[str | None] = None,
        known_tag: KnownTag = None,
    ) -> Response[bytes]:
        """Show the configuration of the device whose token is the bearer token."""
        renderer = wanted(request, format)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise TokenUnknown
        holding = await fetching.holding(token.strip())
        if holding.replaced:
            raise TokenUnknown
        fetched = await fetching.fetch(edge, holding, renderer.format, known_tag)
        return _answer(fetched, renderer, links.configuration(token.strip()))

    @get("/c/{device_token:str}")
    async def fetch(
        self,
        device_token: FromPath[str],
        request: Request[Any, Any, Any],
        edge: NamedDependency[Edge],
        fetching: NamedDependency[Fetching],
        links: NamedDependency[Links],
        format: FromQuery[str | None] = None,
        known_tag: KnownTag = None,
    ) -> Response[bytes]:
        """Show the configuration at the address that a softphone was given when activated."""
        renderer = wanted(request, format)
        try:
            holding = await fetching.holding(device_token)
        except TokenUnknown:
            raise AddressUnknown("Activate the device with a new code.") from None
        # Even a replaced token gets blank slots: refused, a softphone keeps its accounts.
        fetched = await fetching.fetch(edge, holding, renderer.format, known_tag)
        return _answer(fetched, renderer, links.configuration(device_token))


def _answer(fetched: Fetched, renderer: Renderer, url: str) -> Response[bytes]:
    if fetched.configuration is None:
        return Response(b"", status_code=304, headers={"ETag": fetched.etag})
    return sent(renderer, fetched.configuration, url, ETag=fetched.etag)
