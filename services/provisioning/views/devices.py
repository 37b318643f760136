"""Devices as lists show them, with what activation published about them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.activation import (
    DeviceActivated,
    DeviceConfigurationFetched,
    DeviceTokenRevoked,
)
from schemas.provisioning import (
    DeviceAccountsChanged,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
)
from services.provisioning.domain.device import MOST_ACCOUNTS, Device
from services.provisioning.domain.device import evolve as evolve_device

DeviceEvents = (
    DeviceCreated,
    DeviceConfigurationChanged,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
    DeviceAccountsChanged,
)
DeviceState = Literal["waiting", "activated", "deactivated"]
ActivationEvents = (DeviceActivated, DeviceConfigurationFetched, DeviceTokenRevoked)
ACCOUNT_FIELDS = tuple(f"account_{slot}" for slot in range(MOST_ACCOUNTS))


@dataclass(frozen=True)
class DeviceView:
    """A device. What activation knows of it may arrive before or after what provisioning knows.

    Everything from `listed` to `drift` is what lists are made by; `drift` says that the device
    lacks the newest configuration.
    """

    id: str
    version: int = 0
    created_at: datetime | None = None
    device: Device | None = None
    activated: bool = False
    fetched_revision: int | None = None
    listed: bool = False
    sort_name: str = ""
    contact_id: str = ""
    account_0: str = ""
    account_1: str = ""
    account_2: str = ""
    account_3: str = ""
    state: DeviceState = "waiting"
    drift: bool = False


def shown(view: DeviceView) -> DeviceView:
    """The same view with everything that lists are made by brought up to date."""
    device = view.device
    if device is None:
        return view
    accounts = [*device.sip_account_ids, *[""] * MOST_ACCOUNTS][:MOST_ACCOUNTS]
    state: DeviceState = "activated" if view.activated else "waiting"
    return replace(
        view,
        listed=not device.removed,
        sort_name=device.name.casefold(),
        contact_id=device.contact_id,
        state=state if device.active else "deactivated",
        drift=view.fetched_revision != device.revision,
        account_0=accounts[0],
        account_1=accounts[1],
        account_2=accounts[2],
        account_3=accounts[3],
    )


def _own_revision(event: DeviceActivated | DeviceConfigurationFetched) -> int:
    """Guests of a hot desk are no change of the device, which its phone follows all the same."""
    return event.revision - event.guest_changes


def project_device(view: DeviceView | None, recorded: Recorded) -> DeviceView | None:
    """Fold a device's events from both logs; each log changes only fields of its own."""
    event = recorded.event
    view = view or DeviceView(str(recorded.event.aggregate_id))
    match event:
        case DeviceActivated():
            return shown(replace(view, activated=True, fetched_revision=_own_revision(event)))
        case DeviceConfigurationFetched():
            return shown(replace(view, fetched_revision=_own_revision(event)))
        case DeviceTokenRevoked():
            return shown(replace(view, activated=event.reason == "replaced"))
    if not isinstance(event, DeviceEvents):
        return view
    changed = replace(
        view,
        version=recorded.envelope.version,
        created_at=view.created_at or recorded.envelope.time,
        device=evolve_device(view.device, event),
    )
    return shown(changed)


DEVICES = ReadModel(
    "devices_v2",
    DeviceView,
    (
        Index("by_name", ("listed", "sort_name")),
        Index("by_created", ("listed", "created_at")),
        Index("by_contact", ("listed", "contact_id", "sort_name")),
        Index("by_contact_and_created", ("listed", "contact_id", "created_at")),
        Index("by_state", ("listed", "state", "sort_name")),
        Index("by_state_and_created", ("listed", "state", "created_at")),
        Index("by_drift", ("listed", "drift", "sort_name")),
        Index("by_drift_and_created", ("listed", "drift", "created_at")),
        Index("by_state_drift", ("listed", "state", "drift", "sort_name")),
        Index("by_state_drift_and_created", ("listed", "state", "drift", "created_at")),
        *(Index(f"by_{field}", ("listed", field)) for field in ACCOUNT_FIELDS),
    ),
)

projection = Projection(
    DEVICES,
    {kind: lambda event: event.device_id for kind in (*DeviceEvents, *ActivationEvents)},
    project_device,
)
