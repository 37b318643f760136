"""HTTP for devices."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel

from chassis.answers import Listed, changed, created, gone, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Unknown
from chassis.edge import Edge
from chassis.event_store import EventStore
from chassis.paging import Beginning, Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore, Value, prefix_range
from schemas.fields import Id
from services.provisioning.bodies import DeactivationBody, DeviceBody, DeviceChange
from services.provisioning.domain.aggregates import contact_of, device_of, sip_account_of
from services.provisioning.domain.contact import contact
from services.provisioning.domain.device import (
    ChangeDevice,
    CreateDevice,
    DeactivateDevice,
    Device,
    DeviceCommand,
    ReactivateDevice,
    RemoveDevice,
    check_accounts,
    device,
)
from services.provisioning.domain.sip_account import SipAccount, sip_account
from services.provisioning.listing import Order, Sieve, Sort
from services.provisioning.projections import DEVICES, DeviceState, DeviceView
from services.provisioning.views.devices import shown as shown_in_lists

State = Annotated[
    DeviceState | None, QueryParameter(name="state", description="Only devices in this state.")
]


class DeviceResource(BaseModel):
    """A device, and how far it has got."""

    id: Id
    contact_id: Id
    name: str
    sip_account_ids: tuple[Id, ...]
    state: DeviceState
    drift: bool
    configuration_revision: int
    fetched_revision: int | None
    created_at: datetime | None


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
        drift=view.drift,
        configuration_revision=view.device.revision,
        fetched_revision=view.fetched_revision,
        created_at=view.created_at,
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
        to = (await commands.look(contact_of(edge.organization, contact_id), contact)).state
        command = CreateDevice(
            device_id=edge.resource_id,
            contact_id=contact_id,
            contact_exists=to is not None and not to.removed,
            name=data.name,
            sip_account_ids=data.sip_account_ids,
            unknown_account_ids=await _unknown(store, edge.organization, data.sip_account_ids),
        )
        outcome = await commands.handle(
            edge.cause, Intent(device_of(edge.organization, edge.resource_id), device, command)
        )
        made = render(shown_in_lists(DeviceView(edge.resource_id, device=outcome.state)))
        return created(made, outcome, f"{self.path}/devices", edge.resource_id)

    @get("/devices")
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        contact_id: FromQuery[Id | None] = None,
        in_state: State = None,
        drift: FromQuery[bool | None] = None,
        q: Beginning = None,
        sort: Sort = "name",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[DeviceResource]:
        """List devices: of one contact, in a state, lacking the newest settings, by their name."""
        order = Order.of(sort)
        if q and q.strip():
            order = replace(order, by_created=False)
        sieve = _sieve(order, contact_id, in_state, drift, (q or "").strip().casefold())
        page = await sieve.page(read_models, principal.organization, cursor, limit)
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

    @patch("/devices/{device_id:str}")
    async def change(
        self,
        device_id: FromPath[Id],
        data: JSONBody[DeviceChange],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
        store: NamedDependency[EventStore],
    ) -> Response[DeviceResource]:
        """Rename a device, or give it other accounts. Its configuration gets one new revision."""
        accounts = data.sip_account_ids if "sip_account_ids" in data.model_fields_set else None
        if accounts is not None:
            check_accounts(accounts, frozenset())
        command = ChangeDevice(
            device_id,
            data.name if "name" in data.model_fields_set else None,
            accounts,
            await _unknown(store, edge.organization, accounts or ()),
        )
        outcome = await _handle(commands, edge, device_id, command)
        return await _changed(read_models, edge, device_id, outcome)

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
    now = replace(view, device=outcome.state, activated=view.activated and active)
    return changed(render(shown_in_lists(now)), outcome)


async def _unknown(
    store: EventStore, organization: str, account_ids: tuple[str, ...]
) -> frozenset[str]:
    """Those the organization does not have, or has no more."""
    histories = await store.load(*(sip_account_of(organization, one) for one in account_ids))
    fold: Callable[[Iterable[Any]], SipAccount | None] = sip_account.fold
    states = {one.aggregate.id: fold(one.events) for one in histories}
    return frozenset(one for one, state in states.items() if state is None or state.removed)


def _sieve(
    order: Order,
    contact_id: str | None,
    state: DeviceState | None,
    drift: bool | None,
    beginning: str,
) -> Sieve[DeviceView]:
    """One contact has few devices, so that the rest is filtered; else there is an index."""
    equals: tuple[Value, ...] = (True, contact_id)
    filtered = "by_contact"
    if contact_id is None:
        named = {"state": state, "drift": drift}
        chosen = {name: value for name, value in named.items() if value is not None}
        equals = (True, *chosen.values())
        filtered = f"by_{'_'.join(chosen)}" if chosen else ""

    def wanted(view: DeviceView) -> bool:
        return state in (None, view.state) and drift in (None, view.drift)

    low, high = prefix_range(beginning) if beginning else (None, None)
    bounds = Bounds(equals, low, high, order.descending)
    return Sieve(DEVICES, order.index(filtered), bounds, wanted)
