"""HTTP for who sat at a desk: at a moment, and one after the other."""

from datetime import datetime

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel

from chassis.answers import Listed, listed
from chassis.auth import Principal, supervisors
from chassis.command_handler import CommandHandler
from chassis.decider import Unknown, present
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id
from services.sessions.api.moments import check_zone
from services.sessions.associations import ASSOCIATIONS
from services.sessions.domain.aggregates import desk_of
from services.sessions.domain.desk import desk
from services.sessions.history import History
from services.sessions.names import Names
from services.sessions.numbers import numbers_at


class GuestResource(BaseModel):
    """Who sat at a desk, with which SIP accounts and numbers, from when until when."""

    desk_id: Id
    user_id: str
    session_id: Id
    device_id: Id
    sip_account_ids: tuple[str, ...]
    numbers: list[str]
    since: datetime
    until: datetime | None


class OccupationResource(BaseModel):
    """Who sat at a desk, from when until when, and why no longer."""

    session_id: Id
    user_id: str
    since: datetime
    until: datetime | None
    reason: str | None


class GuestsController(Controller):
    """Guests at desks."""

    path = "/api/v1/desks/{desk_id:str}"
    guards = (supervisors,)
    tags = ("history",)

    @get("/guest")
    async def guest(
        self,
        desk_id: FromPath[Id],
        at: FromQuery[datetime],
        principal: NamedDependency[Principal],
        history: NamedDependency[History],
        names: NamedDependency[Names],
        read_models: NamedDependency[ReadModelStore],
    ) -> GuestResource:
        """Say who sat at a desk at a moment, with which SIP accounts and which numbers then."""
        check_zone("at", at)
        found = await history.guest(principal.organization, desk_id, at)
        if found is None:
            raise Unknown("Nobody sat there then. Choose another moment or desk.")
        users = await names.users(principal.organization, [found.user_id])
        return GuestResource(
            desk_id=found.desk_id,
            user_id=users.get(found.user_id, found.user_id),
            session_id=found.session_id,
            device_id=found.device_id,
            sip_account_ids=found.sip_account_ids,
            numbers=await numbers_at(
                read_models, principal.organization, found.sip_account_ids, at
            ),
            since=found.started_at,
            until=found.ended_at,
        )

    @get("/guests")
    async def guests(
        self,
        desk_id: FromPath[Id],
        principal: NamedDependency[Principal],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
        names: NamedDependency[Names],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[OccupationResource]:
        """List who has sat at a desk, the last to come first."""
        organization = principal.organization
        present((await commands.look(desk_of(organization, desk_id), desk)).state)
        bounds = Bounds(equals=(desk_id,), descending=True)
        page = await read_models.find(
            ASSOCIATIONS, organization, "by_desk", bounds, cursor=cursor, limit=limit
        )
        users = await names.users(organization, [one.user_id for one in page.items])
        return listed(
            page,
            lambda one: OccupationResource(
                session_id=one.session_id,
                user_id=users.get(one.user_id, one.user_id),
                since=one.started_at,
                until=one.ended_at,
                reason=one.reason,
            ),
        )
