"""HTTP for notifications: which mails went out, and what became of each."""

from datetime import datetime

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel

from chassis.answers import Listed, changed, listed, shown
from chassis.auth import Principal, administrators
from chassis.decider import Unknown
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from chassis.web.problems import problems
from schemas.fields import Id
from services.notifier.domain.state import Status
from services.notifier.preparation import NotReadyYet
from services.notifier.projections import (
    CONTACTS,
    NOTIFICATIONS,
    ContactView,
    NotificationView,
    Step,
)
from services.notifier.resending import AddressRemoved, CodeDead, Resending, StillOnItsWay


class NotificationResource(BaseModel):
    """A mail to one address. `address` is null once the contact no longer has it."""

    id: Id
    device_id: Id
    contact_id: Id
    address_id: Id
    address: str | None
    status: Status
    attempts: int
    remark: str | None
    retry_at: datetime | None
    message_id: str | None
    planned_at: datetime
    changed_at: datetime
    resend_of: Id | None


class StepResource(BaseModel):
    """One step of a mail on its way."""

    what: str
    at: datetime
    attempt: int | None
    remark: str | None


class DetailedResource(NotificationResource):
    """A mail, and everything that has happened to it so far, oldest first."""

    trail: list[StepResource]


class ResentResource(BaseModel):
    """The mail that goes out in place of an earlier one."""

    id: Id
    resend_of: Id
    status: Status


def render(view: NotificationView, contact: ContactView | None = None) -> NotificationResource:
    """Show a notification and whom it is for."""
    state = view.notification
    return NotificationResource(
        id=view.id,
        device_id=state.device_id,
        contact_id=state.contact_id,
        address_id=state.address_id,
        address=contact.addresses.get(state.address_id) if contact else None,
        status=view.status,
        attempts=state.attempts,
        remark=view.remark,
        retry_at=state.retry_at if view.status == "deferred" else None,
        message_id=state.message_id,
        planned_at=view.planned_at,
        changed_at=view.changed_at,
        resend_of=view.resend_of,
    )


def render_trail(view: NotificationView, contact: ContactView | None) -> DetailedResource:
    """Show a notification with what has happened to it."""
    return DetailedResource(
        **render(view, contact).model_dump(), trail=[_step(step) for step in view.trail]
    )


def _step(step: Step) -> StepResource:
    return StepResource(what=step.what, at=step.at, attempt=step.attempt, remark=step.remark)


class NotificationController(Controller):
    """The mails of the organization."""

    path = "/api/v1/notifications"
    guards = (administrators,)
    tags = ("notifications",)

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        device_id: FromQuery[Id | None] = None,
        status: FromQuery[Status | None] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[NotificationResource]:
        """List the mails, newest first: all, those about one device, those in one status."""
        organization = principal.organization
        index, bounds = _part(device_id, status)
        page = await read_models.find(
            NOTIFICATIONS, organization, index, bounds, cursor=cursor, limit=limit
        )
        people = await read_models.stored(
            CONTACTS, [(organization, view.notification.contact_id) for view in page.items]
        )
        contacts = {contact_id: found.document for (_, contact_id), found in people.items()}
        return listed(page, lambda view: render(view, contacts.get(view.notification.contact_id)))

    @get("/{notification_id:str}")
    async def show(
        self,
        notification_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[DetailedResource]:
        """Show one mail and what has happened to it."""
        organization = principal.organization
        view = await read_models.get(NOTIFICATIONS, organization, notification_id)
        if view is None:
            raise Unknown("There is nothing under this id. Look it up in the list.")
        contact_id = view.notification.contact_id
        contact = await read_models.get(CONTACTS, organization, contact_id)
        return shown(view, lambda found: render_trail(found, contact))

    @post(
        "/{notification_id:str}/resend",
        status_code=201,
        responses=problems(Unknown, StillOnItsWay, CodeDead, AddressRemoved, NotReadyYet),
    )
    async def resend(
        self,
        notification_id: FromPath[Id],
        edge: NamedDependency[Edge],
        resending: NamedDependency[Resending],
    ) -> Response[ResentResource]:
        """Mail the same instructions to the same address again, as a mail of its own."""
        outcome = await resending.resend(edge, notification_id)
        resent = ResentResource(id=edge.resource_id, resend_of=notification_id, status="planned")
        return changed(
            resent,
            outcome,
            status_code=201,
            location=f"{NotificationController.path}/{edge.resource_id}",
        )


def _part(device_id: str | None, status: Status | None) -> tuple[str, Bounds]:
    if device_id and status:
        return "by_device_and_status", Bounds(equals=(device_id, status), descending=True)
    if device_id:
        return "by_device", Bounds(equals=(device_id,), descending=True)
    if status:
        return "by_status", Bounds(equals=(status,), descending=True)
    return "by_time", Bounds(descending=True)
