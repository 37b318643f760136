"""Read models of provisioning. Each is a fold: drop it, replay, and it is the same again."""

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
    ContactAdded,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    ServiceProviderAdded,
    SipAccountAdded,
    SipAccountSecretSet,
)
from services.provisioning.domain.contact import Contact
from services.provisioning.domain.contact import evolve as evolve_contact
from services.provisioning.domain.device import Device
from services.provisioning.domain.device import evolve as evolve_device
from services.provisioning.domain.provider import Provider
from services.provisioning.domain.provider import evolve as evolve_provider
from services.provisioning.domain.sip_account import SipAccount
from services.provisioning.domain.sip_account import evolve as evolve_sip_account

DeviceEvents = (
    DeviceCreated,
    DeviceConfigurationChanged,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)
DeviceState = Literal["waiting", "activated", "deactivated"]
ActivationEvents = (DeviceActivated, DeviceConfigurationFetched, DeviceTokenRevoked)


@dataclass(frozen=True)
class ProviderView:
    """A service provider and how many accounts it has."""

    id: str
    version: int
    name: str
    provider: Provider
    sip_account_count: int = 0


@dataclass(frozen=True)
class SipAccountView:
    """A SIP account, without any password."""

    id: str
    version: int
    provider_id: str
    name: str
    account: SipAccount


@dataclass(frozen=True)
class ContactView:
    """A contact as lists show it, by last name."""

    id: str
    version: int
    sort_name: str
    contact: Contact


@dataclass(frozen=True)
class DeviceView:
    """A device. What activation knows of it may arrive before or after what provisioning knows.

    `listed`, `sort_name` and `contact_id` are what lists are made by.
    """

    id: str
    version: int = 0
    created_at: datetime | None = None
    listed: bool = False
    sort_name: str = ""
    contact_id: str = ""
    device: Device | None = None
    activated: bool = False
    fetched_revision: int | None = None

    @property
    def state(self) -> DeviceState:
        """`waiting` for activation, `activated` or `deactivated`."""
        if self.device is not None and not self.device.active:
            return "deactivated"
        return "activated" if self.activated else "waiting"

    @property
    def drift(self) -> bool:
        """Whether the device lacks the newest configuration."""
        return self.device is not None and self.fetched_revision != self.device.revision


def project_provider(view: ProviderView | None, recorded: Recorded) -> ProviderView | None:
    """Fold a provider's own events, and count its accounts."""
    event = recorded.event
    if isinstance(event, SipAccountAdded):
        return view and replace(view, sip_account_count=view.sip_account_count + 1)
    if not isinstance(event, ServiceProviderAdded):
        return view
    now = evolve_provider(view.provider if view else None, event)
    return ProviderView(event.provider_id, recorded.envelope.version, event.name.casefold(), now)


def project_sip_account(view: SipAccountView | None, recorded: Recorded) -> SipAccountView | None:
    """Fold an account's events."""
    event = recorded.event
    if not isinstance(event, SipAccountAdded | SipAccountSecretSet):
        return view
    now = evolve_sip_account(view.account if view else None, event)
    if now is None:
        return None
    return SipAccountView(
        id=event.sip_account_id,
        version=recorded.envelope.version,
        provider_id=now.provider_id,
        name=now.friendly_name.casefold(),
        account=now,
    )


def project_contact(view: ContactView | None, recorded: Recorded) -> ContactView | None:
    """Fold a contact's events."""
    event = recorded.event
    if not isinstance(event, ContactAdded):
        return view
    now = evolve_contact(view.contact if view else None, event)
    return ContactView(
        id=event.contact_id,
        version=recorded.envelope.version,
        sort_name=f"{now.last_name} {now.first_name}".casefold(),
        contact=now,
    )


def project_device(view: DeviceView | None, recorded: Recorded) -> DeviceView | None:
    """Fold a device's events from both logs; each log changes only fields of its own."""
    event = recorded.event
    view = view or DeviceView(str(recorded.event.aggregate_id))
    match event:
        case DeviceActivated():
            return replace(view, activated=True, fetched_revision=event.revision)
        case DeviceConfigurationFetched():
            return replace(view, fetched_revision=event.revision)
        case DeviceTokenRevoked():
            return replace(view, activated=event.reason == "replaced")
    if not isinstance(event, DeviceEvents):
        return view
    now = evolve_device(view.device, event)
    return replace(
        view,
        version=recorded.envelope.version,
        created_at=view.created_at or recorded.envelope.time,
        listed=now is not None and not now.removed,
        sort_name=now.name.casefold() if now else "",
        contact_id=now.contact_id if now else "",
        device=now,
    )


PROVIDERS = ReadModel("providers_v1", ProviderView, (Index("by_name", ("name",)),))
SIP_ACCOUNTS = ReadModel(
    "sip_accounts_v1",
    SipAccountView,
    (Index("by_name", ("name",)), Index("by_provider", ("provider_id", "name"))),
)
CONTACTS = ReadModel("contacts_v1", ContactView, (Index("by_name", ("sort_name",)),))
DEVICES = ReadModel(
    "devices_v1",
    DeviceView,
    (
        Index("by_name", ("listed", "sort_name")),
        Index("by_contact", ("listed", "contact_id", "sort_name")),
    ),
)

projections = (
    Projection(
        PROVIDERS,
        {
            ServiceProviderAdded: lambda event: event.provider_id,
            SipAccountAdded: lambda event: event.provider_id,
        },
        project_provider,
    ),
    Projection(
        SIP_ACCOUNTS,
        {
            kind: lambda event: event.sip_account_id
            for kind in (SipAccountAdded, SipAccountSecretSet)
        },
        project_sip_account,
    ),
    Projection(CONTACTS, {ContactAdded: lambda event: event.contact_id}, project_contact),
    Projection(
        DEVICES,
        {kind: lambda event: event.device_id for kind in (*DeviceEvents, *ActivationEvents)},
        project_device,
    ),
)
