"""Devices as lists show them, with what activation and sessions published about them."""

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
from schemas.event import Event
from schemas.provisioning import (
    DeviceAccountsChanged,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
)
from schemas.sessions import DeskAssociated, DeskReleased
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
GuestEvents = (DeskAssociated, DeskReleased)
ACCOUNT_FIELDS = tuple(f"account_{slot}" for slot in range(MOST_ACCOUNTS))


@dataclass(frozen=True)
class DeviceView:
    """A device. What activation knows of it may arrive before or after what provisioning knows.

    Every coming and going of a guest at the device's desk is a revision of its own. Everything from
    `listed` to `drift` is what lists are made by; `drift` says that the device lacks the newest
    configuration.
    """

    id: str
    version: int = 0
    created_at: datetime | None = None
    device: Device | None = None
    activated: bool = False
    fetched_revision: int | None = None
    association_id: str | None = None
    guest_changes: int = 0
    listed: bool = False
    sort_name: str = ""
    contact_id: str = ""
    account_0: str = ""
    account_1: str = ""
    account_2: str = ""
    account_3: str = ""
    state: DeviceState = "waiting"
    drift: bool = False

    @property
    def revision(self) -> int:
        """Which configuration the device is to have."""
        return (self.device.revision if self.device else 0) + self.guest_changes


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
        drift=view.fetched_revision != view.revision,
        account_0=accounts[0],
        account_1=accounts[1],
        account_2=accounts[2],
        account_3=accounts[3],
    )


def project_device(view: DeviceView | None, recorded: Recorded) -> DeviceView | None:
    """Fold a device's events from three logs; each log changes only fields of its own."""
    event = recorded.event
    view = view or DeviceView(str(recorded.event.aggregate_id))
    if not isinstance(event, DeviceEvents):
        return shown(_heard(view, event))
    changed = replace(
        view,
        version=recorded.envelope.version,
        created_at=view.created_at or recorded.envelope.time,
        device=evolve_device(view.device, event),
    )
    return shown(changed)


def _heard(view: DeviceView, event: Event) -> DeviceView:
    match event:
        case DeviceActivated():
            view = replace(view, activated=True, fetched_revision=event.revision)
        case DeviceConfigurationFetched():
            view = replace(view, fetched_revision=event.revision)
        case DeviceTokenRevoked():
            view = replace(view, activated=event.reason == "replaced")
        case DeskAssociated():
            view = _with_guest(view, event.association_id)
        case DeskReleased(association_id=left) if view.association_id == left:
            view = _with_guest(view, None)
    return view


def _with_guest(view: DeviceView, association_id: str | None) -> DeviceView:
    changes = view.guest_changes + 1
    return replace(view, association_id=association_id, guest_changes=changes)


DEVICES = ReadModel(
    "devices_v3",
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
    {
        kind: lambda event: event.device_id
        for kind in (*DeviceEvents, *ActivationEvents, *GuestEvents)
    },
    project_device,
)
