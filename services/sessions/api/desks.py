"""HTTP for desks: administrators set them up, everybody signed in may see them."""

from dataclasses import replace

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel

from chassis.answers import Listed, RequestBody, changed, created, found, gone, listed
from chassis.auth import Principal, administrators, signed_in
from chassis.command_handler import CommandHandler
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Beginning, Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore, prefix_range
from schemas.fields import Id, Name
from schemas.sessions import Hours
from services.sessions.api.bodies import given
from services.sessions.domain.aggregates import desk_of
from services.sessions.domain.desk import Desk, desk, existing
from services.sessions.names import Names
from services.sessions.projections import DESKS
from services.sessions.references import References
from services.sessions.seating import Seating


class DeskBody(RequestBody):
    """A desk: a device, and whether agents may sit there as guests, for how many hours."""

    name: Name
    device_id: Id
    hot_desk: bool = False
    max_hours: Hours | None = None


class DeskPatch(RequestBody):
    """What is to be different about a desk."""

    name: Name | None = None
    device_id: Id | None = None
    hot_desk: bool | None = None
    max_hours: Hours | None = None


class DeskResource(BaseModel):
    """A desk as it is set up now."""

    id: Id
    name: str
    device_id: Id
    hot_desk: bool
    max_hours: float | None


class ListedDeskResource(DeskResource):
    """A desk, and whether somebody sits there. Who that is, supervisors and administrators see."""

    taken: bool
    guest: str | None


def render(desk_id: str, state: Desk) -> DeskResource:
    """Show a desk."""
    return DeskResource(
        id=desk_id,
        name=state.name,
        device_id=state.device_id,
        hot_desk=state.hot_desk,
        max_hours=state.max_hours,
    )


class DeskController(Controller):
    """Desks."""

    path = "/api/v1/desks"
    tags = ("desks",)

    @post(guards=[administrators])
    async def add(
        self,
        data: JSONBody[DeskBody],
        edge: NamedDependency[Edge],
        seating: NamedDependency[Seating],
        references: NamedDependency[References],
    ) -> Response[DeskResource]:
        """Add a desk. A device stands at one desk."""
        await references.check(edge.organization, "device_id", "device", [data.device_id])
        wanted = Desk(data.name, data.device_id, data.hot_desk, data.max_hours)
        desk_id = edge.resource_id
        outcome = await seating.configure(edge.cause, edge.organization, desk_id, wanted, None)
        made = render(desk_id, present(outcome.state).desk)
        return created(made, outcome, self.path, desk_id)

    @get(guards=[signed_in])
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        seating: NamedDependency[Seating],
        names: NamedDependency[Names],
        q: Beginning = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[ListedDeskResource]:
        """List the desks by name, free or taken as they are now, or those whose name begins so."""
        organization = principal.organization
        low, high = prefix_range(q.strip().casefold()) if q and q.strip() else (None, None)
        bounds = Bounds((True,), low, high)
        page = await read_models.find(
            DESKS, organization, "by_name", bounds, cursor=cursor, limit=limit
        )
        guests = await seating.guests(organization, [view.id for view in page.items])
        is_told = principal.role != "agent"
        users = await names.users(organization, guests.values()) if is_told else {}
        return listed(
            page,
            lambda view: ListedDeskResource(
                **render(view.id, view.desk).model_dump(),
                taken=view.id in guests,
                guest=users.get(guests.get(view.id, "")),
            ),
        )

    @get("/{desk_id:str}", guards=[administrators])
    async def show(
        self,
        desk_id: FromPath[Id],
        principal: NamedDependency[Principal],
        commands: NamedDependency[CommandHandler],
    ) -> Response[DeskResource]:
        """Show one desk."""
        known = await commands.look(desk_of(principal.organization, desk_id), desk)
        return found(render(desk_id, existing(known.state)), known.version)

    @patch("/{desk_id:str}", guards=[administrators])
    async def change(
        self,
        desk_id: FromPath[Id],
        data: JSONBody[DeskPatch],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        seating: NamedDependency[Seating],
        references: NamedDependency[References],
    ) -> Response[DeskResource]:
        """Change a desk. Where guests may sit no longer, the guest is signed out."""
        known = await commands.look(desk_of(edge.organization, desk_id), desk)
        wanted = replace(existing(known.state), **given(data, ("name", "device_id", "hot_desk")))
        if data.device_id:
            await references.check(edge.organization, "device_id", "device", [data.device_id])
        outcome = await seating.configure(
            edge.cause, edge.organization, desk_id, wanted, edge.if_version
        )
        return changed(render(desk_id, present(outcome.state).desk), outcome)

    @delete("/{desk_id:str}", status_code=204, guards=[administrators])
    async def withdraw(
        self,
        desk_id: FromPath[Id],
        edge: NamedDependency[Edge],
        seating: NamedDependency[Seating],
        commands: NamedDependency[CommandHandler],
    ) -> Response[None]:
        """Take a desk away. Its guest is signed out."""
        known = await commands.look(desk_of(edge.organization, desk_id), desk)
        existing(known.state)
        return gone(await seating.withdraw(edge.cause, edge.organization, desk_id, edge.if_version))
