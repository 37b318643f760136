"""HTTP for devices."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, Field

from chassis.answers import Listed, RequestBody, changed, gone, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Unknown
from chassis.edge import Edge
from chassis.event_store import EventStore
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore
from schemas.fields import Id, Name
from services.provisioning.domain.aggregates import contact_of, device_of, sip_account_of
from services.provisioning.domain.device import (
    CreateDevice,
    DeactivateDevice,
    Device,
    DeviceCommand,
    ReactivateDevice,
    RemoveDevice,
    check_accounts,
    device,
)
from services.provisioning.projections import DEVICES, DeviceState, DeviceView


class DeviceBody(RequestBody):
    """A device as an administrator enters it: a name and one to four SIP accounts in order."""

    name: Name
    sip_account_ids: Annotated[tuple[Id, ...], Field(max_length=16)]


class DeactivationBody(RequestBody):
    """Why a device must stop."""

    reason: Literal["admin", "lost"] = "admin"


class DeviceResource(BaseModel):
    """A device, and how far it has got."""

    id: Id
    contact_id: Id
    name: str
    sip_account_ids: tuple[Id, ...]
    state: DeviceState
    configuration_revision: int
    fetched_revision: int | None


def render(view: DeviceView) -> DeviceResource:
    """Show a device."""
    if view.device is None or view.device.removed:
        raise Unknown("There is no such device. Choose one of the list.")
    return DeviceResource(
        id=view.id,
        contact_id=view.device.contact_id,
        name=view.device.name,
        sip_account_ids=view.device.sip_account_ids,
        state=view.state,
        configuration_revision=view.device.revision,
        fetched_revision=view.fetched_revision,
    )


class DeviceController(Controller):
    """The softphones of the organization's contacts."""

    path = "/api/v1"
    guards = (administrators,)
    tags = ("devices",)

    @post("/contacts/{contact_id:str}/devices")
    async def create(
        self,
        contact_id: FromPath[Id],
        data: JSONBody[DeviceBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        store: NamedDependency[EventStore],
    ) -> Response[DeviceResource]:
        """Create a device for a contact. It has an activation code a moment later."""
        check_accounts(data.sip_account_ids, frozenset())
        contact, *accounts = await store.load(
            contact_of(edge.organization, contact_id),
            *(sip_account_of(edge.organization, account) for account in data.sip_account_ids),
        )
        command = CreateDevice(
            device_id=edge.resource_id,
            contact_id=contact_id,
            contact_exists=contact.version > 0,
            name=data.name,
            sip_account_ids=data.sip_account_ids,
            unknown_account_ids=frozenset(
                account.aggregate.id for account in accounts if not account.version
            ),
        )
        outcome = await commands.handle(
            edge.cause, Intent(device_of(edge.organization, edge.resource_id), device, command)
        )
        return changed(
            render(DeviceView(edge.resource_id, device=outcome.state)),
            outcome,
            status_code=201,
            location=f"{self.path}/devices/{edge.resource_id}",
        )

    @get("/devices")
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        contact_id: FromQuery[Id | None] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[DeviceResource]:
        """List the devices by name, of all contacts or of one."""
        index, bounds = (
            ("by_contact", Bounds(equals=(True, contact_id)))
            if contact_id
            else ("by_name", Bounds(equals=(True,)))
        )
        page = await read_models.find(
            DEVICES, principal.organization, index, bounds, cursor=cursor, limit=limit
        )
        return listed(page, render)

    @get("/devices/{device_id:str}")
    async def show(
        self,
        device_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[DeviceResource]:
        """Show one device."""
        view = await read_models.get(DEVICES, principal.organization, device_id)
        return shown(view, render)

    @post("/devices/{device_id:str}/deactivate", status_code=200)
    async def deactivate(
        self,
        device_id: FromPath[Id],
        data: JSONBody[DeactivationBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[DeviceResource]:
        """Stop a device: its code and its access to secrets are dead at once."""
        outcome = await _handle(commands, edge, device_id, DeactivateDevice(device_id, data.reason))
        return await _changed(read_models, edge, device_id, outcome)

    @post("/devices/{device_id:str}/reactivate", status_code=200)
    async def reactivate(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[DeviceResource]:
        """Let a device be activated again, with a new code."""
        outcome = await _handle(commands, edge, device_id, ReactivateDevice(device_id))
        return await _changed(read_models, edge, device_id, outcome)

    @delete("/devices/{device_id:str}")
    async def remove(
        self,
        device_id: FromPath[Id],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
    ) -> Response[None]:
        """Remove a device for good."""
        return gone(await _handle(commands, edge, device_id, RemoveDevice(device_id)))


async def _handle(
    commands: CommandHandler, edge: Edge, device_id: str, command: DeviceCommand
) -> Outcome[Device | None]:
    intent = Intent(device_of(edge.organization, device_id), device, command, edge.if_version)
    return await commands.handle(edge.cause, intent)


async def _changed(
    read_models: ReadModelStore, edge: Edge, device_id: str, outcome: Outcome[Device | None]
) -> Response[DeviceResource]:
    """Show the device as the command left it, with what activation was last known to say."""
    view = await read_models.get(DEVICES, edge.organization, device_id) or DeviceView(device_id)
    active = bool(outcome.state and outcome.state.active)
    shown = DeviceView(
        device_id,
        device=outcome.state,
        activated=view.activated and active,
        fetched_revision=view.fetched_revision,
    )
    return changed(render(shown), outcome)
