"""HTTP for softphones that have a code: it is exchanged for a token and a configuration."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Redirect
from pydantic import BaseModel, Field, SecretStr

from chassis.answers import RequestBody
from chassis.edge import IGNORES_IDEMPOTENCY_KEY, Edge
from chassis.web.problems import problems
from schemas.activation import Client
from services.activation.api.formats import is_browser, sent, wanted
from services.activation.budget import TooManyTries
from services.activation.codes import Tokens
from services.activation.domain.softphones import CodeNotAccepted
from services.activation.exchange import Caller, Exchange
from services.activation.links import Links
from services.activation.renderers import DEFAULT
from services.activation.renderers.json_document import ConfigurationResource, resource

REFUSALS = problems(CodeNotAccepted, TooManyTries)

AnyRequest = Request[Any, Any, Any]


class ActivateBody(RequestBody):
    """A code as it was typed, and what stands for this installation of the softphone."""

    code: SecretStr
    installation_id: Annotated[str, Field(min_length=1, max_length=200)]
    client: Client = Client()


class ActivatedResource(BaseModel):
    """The configuration, and the token to fetch later ones with."""

    device_token: Annotated[str, Field(repr=False)]
    configuration_url: Annotated[str, Field(repr=False)]
    configuration: ConfigurationResource


class ExchangeController(Controller):
    """Activation by softphones. Whatever is wrong with a code, the answer is the same."""

    tags = ("softphones",)
    opt = IGNORES_IDEMPOTENCY_KEY

    @post("/api/v1/activate", status_code=200, responses=REFUSALS)
    async def activate(
        self,
        data: JSONBody[ActivateBody],
        request: AnyRequest,
        edge: NamedDependency[Edge],
        exchange: NamedDependency[Exchange],
        tokens: NamedDependency[Tokens],
        links: NamedDependency[Links],
    ) -> Response[ActivatedResource]:
        """Exchange a code. The same installation may repeat this for ten minutes."""
        installations = tokens.installations("id", data.installation_id)
        caller = Caller(_address(request), installations, data.client, DEFAULT)
        exchanged = await exchange.exchange(edge, data.code.get_secret_value(), caller)
        activated = ActivatedResource(
            device_token=exchanged.token,
            configuration_url=links.configuration(exchanged.token),
            configuration=resource(exchanged.configuration),
        )
        return Response(activated)

    @get("/p/{code:str}", responses=REFUSALS)
    async def provision(
        self,
        code: FromPath[str],
        request: AnyRequest,
        edge: NamedDependency[Edge],
        exchange: NamedDependency[Exchange],
        tokens: NamedDependency[Tokens],
        links: NamedDependency[Links],
        format: FromQuery[str | None] = None,
    ) -> Response[bytes]:
        """Exchange a code by fetching the configuration, next time from `Content-Location`."""
        if is_browser(request, format):
            # Scanned by a camera, not by a softphone: the page keeps the code for the softphone.
            return Redirect(links.page(code), status_code=303)
        renderer = wanted(request, format)
        address, user_agent = _address(request), request.headers.get("user-agent", "")
        installations = tokens.installations("fetch", address, user_agent)
        caller = Caller(address, installations, _client(user_agent), renderer.format)
        exchanged = await exchange.exchange(edge, code, caller)
        url = links.configuration(exchanged.token)
        return sent(renderer, exchanged.configuration, url, Content_Location=url)


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else "unknown"


def _client(user_agent: str) -> Client:
    name = "".join(character for character in user_agent if character.isprintable())
    return Client(name=name[:100] or None)
