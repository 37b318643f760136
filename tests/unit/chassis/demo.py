"""A tiny service that shows every behaviour of the HTTP chassis."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, EmailStr, Field, SecretStr

from chassis.answers import Listed, RequestBody, changed, found, gone, listed
from chassis.auth import Principal, administrators, agents, signed_in, supervisors
from chassis.command_handler import Outcome, VersionMismatch
from chassis.decider import Invalid, Refused, Unknown
from chassis.edge import IGNORES_IDEMPOTENCY_KEY, Edge
from chassis.event_store import Position, StoreUnavailable
from chassis.paging import Cursor, Limit
from chassis.read_models import Page, ReadModelsUnavailable, WrongCursor
from chassis.service import Service
from chassis.web.problems import problems
from schemas.fields import Id, Name, PersonName

OUTCOME = Outcome(state=None, version=3, position=Position("demo", 41))


class DeskOccupied(Refused):
    """Another agent is signed in at this desk."""


class TooManyTries(Refused):
    """The budget of failed tries is used up."""

    status = 429


class EmailBody(RequestBody):
    """An address and what it is."""

    address: EmailStr
    label: Literal["work", "home"]


class DeskBody(RequestBody):
    """A desk as entered."""

    name: Name
    port: Annotated[int, Field(ge=1, le=65535)] = 5060
    emails: Annotated[tuple[EmailBody, ...], Field(max_length=2)] = ()
    password: Annotated[SecretStr, Field(min_length=8)] | None = None
    keeper: PersonName | None = None


class DeskResource(BaseModel):
    """What a command was given, to look at."""

    id: str
    organization: str
    actor: str
    command_id: str
    at: str
    second_id: str
    if_version: int | None
    traceparent: str | None


def shown(edge: Edge) -> DeskResource:
    return DeskResource(
        id=edge.resource_id,
        organization=edge.organization,
        actor=edge.cause.actor,
        command_id=edge.cause.command_id,
        at=edge.cause.at.isoformat(),
        second_id=edge.derived("second"),
        if_version=edge.if_version,
        traceparent=edge.cause.traceparent,
    )


class DeskController(Controller):
    """Desks, which nobody keeps."""

    path = "/api/v1/desks"

    @post(guards=[administrators], responses=problems(DeskOccupied, VersionMismatch))
    async def add(
        self, data: JSONBody[DeskBody], edge: NamedDependency[Edge]
    ) -> Response[DeskResource]:
        """Add a <desk>."""
        return changed(shown(edge), OUTCOME, status_code=201, location=f"{self.path}/{data.name}")

    @get(guards=[signed_in])
    async def list_all(
        self,
        limit: Limit = 50,
        cursor: Cursor = None,
        desk_state: Annotated[Literal["free", "taken"] | None, QueryParameter(name="state")] = None,
        owner: FromQuery[Id | None] = None,
    ) -> Listed[str]:
        """List desks."""
        if cursor == "wrong":
            raise WrongCursor
        return listed(Page([limit], cursor), str)

    @get("/{desk_id:str}", guards=[signed_in])
    async def show(
        self, desk_id: FromPath[Id], principal: NamedDependency[Principal]
    ) -> Response[list[str]]:
        """Show a desk."""
        if desk_id == "unknown":
            raise Unknown("There is no such desk. Choose one of the list.")
        return found([desk_id, principal.user_id], 7)

    @delete("/{desk_id:str}", guards=[supervisors])
    async def remove(self, desk_id: FromPath[Id], edge: NamedDependency[Edge]) -> Response[None]:
        """Remove a desk."""
        return gone(OUTCOME)

    @post("/{desk_id:str}", guards=[supervisors])
    async def keep(self, desk_id: FromPath[Id], edge: NamedDependency[Edge]) -> Response[None]:
        """Keep a desk."""
        return gone(OUTCOME)

    @post("/{desk_id:str}/take", guards=[agents])
    async def take(self, desk_id: FromPath[Id], edge: NamedDependency[Edge]) -> None:
        """Take a desk."""
        raise DeskOccupied("Choose another desk.", taken_by=["alf"])


class PublicController(Controller):
    """Open to anybody."""

    path = "/api/v1/public"

    @post("/register")
    async def register(
        self, data: JSONBody[DeskBody], edge: NamedDependency[Edge]
    ) -> Response[DeskResource]:
        """Register an organization."""
        return changed(shown(edge.within("new-one")), OUTCOME, status_code=201)

    @post("/sign-in", opt=IGNORES_IDEMPOTENCY_KEY)
    async def sign_in(self, edge: NamedDependency[Edge]) -> DeskResource:
        """Sign in."""
        return shown(edge)

    @get("/fail/{how:str}")
    async def fail(self, how: FromPath[str]) -> None:
        """Fail as asked."""
        password = "hunter2-in-a-local"
        match how:
            case "store":
                raise StoreUnavailable("nats://10.0.0.1 is away")
            case "read-models":
                raise ReadModelsUnavailable("mongodb://10.0.0.1 is away")
            case "field":
                raise Invalid("sip_server", "Enter a host name.")
            case "throttle":
                raise TooManyTries("Wait half a minute.", retry_after=30)
            case _:
                raise RuntimeError(f"broken by {len(password)} characters: {how}")


demo = Service(
    name="demo",
    controllers=(DeskController, PublicController),
    dependencies={},
    projections=(),
)
