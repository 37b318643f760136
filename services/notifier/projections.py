"""Read models of the notifier. Each is a fold: drop it, replay, and it is the same again."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.notifier import (
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)
from schemas.provisioning import (
    ContactAdded,
    ContactChanged,
    ContactErased,
    ContactRemoved,
    DeviceAccountsChanged,
    DeviceCreated,
    DeviceRenamed,
    SipAccountAdded,
    SipAccountChanged,
)
from schemas.sessions import OrganizationRegistered
from services.notifier.domain.state import Notification, Status, evolve

NotificationEvents = (
    NotificationPlanned,
    NotificationAttempted,
    NotificationSent,
    NotificationDeferred,
    NotificationFailed,
    NotificationUncertain,
    NotificationSuppressed,
)


@dataclass(frozen=True)
class NotificationView:
    """A mail and what became of it. Whom it went to is looked up among the contacts."""

    id: str
    version: int
    planned_at: datetime
    changed_at: datetime
    device_id: str
    status: Status
    notification: Notification
    remark: str | None = None


@dataclass(frozen=True)
class ContactView:
    """Whom a mail can go to: addresses by id."""

    first_name: str
    last_name: str
    language: str | None
    addresses: dict[str, str]


@dataclass(frozen=True)
class DeviceView:
    """What a mail calls a device."""

    name: str
    sip_account_ids: tuple[str, ...]


@dataclass(frozen=True)
class SipAccountView:
    """What a mail says of a SIP account: never more than its friendly name."""

    name: str
    password_entered_on_device: bool


@dataclass(frozen=True)
class OrganizationView:
    """In whose name a mail is written."""

    name: str


def project_notification(
    view: NotificationView | None, recorded: Recorded
) -> NotificationView | None:
    """Fold a notification's events."""
    event, at = recorded.event, recorded.envelope.time
    if not isinstance(event, NotificationEvents):
        return view
    now = evolve(view.notification if view else None, event)
    if now is None:
        return view
    return NotificationView(
        id=event.notification_id,
        version=recorded.envelope.version,
        planned_at=view.planned_at if view else at,
        changed_at=at,
        device_id=now.device_id,
        status=now.status,
        notification=now,
        remark=_remark(event),
    )


def _remark(event: object) -> str | None:
    match event:
        case NotificationDeferred(reason=reason) | NotificationSuppressed(reason=reason):
            return reason
        case NotificationFailed(code=code):
            return f"SMTP {code}"
    return None


def project_contact(view: ContactView | None, recorded: Recorded) -> ContactView | None:
    """Fold a contact's events. A contact that is gone stays, without an address."""
    event = recorded.event
    if isinstance(event, ContactRemoved | ContactErased):
        return ContactView("", "", None, {})
    if not isinstance(event, ContactAdded | ContactChanged):
        return view
    return ContactView(
        first_name=event.first_name,
        last_name=event.last_name,
        language=event.language,
        addresses={email.email_id: email.address for email in event.emails},
    )


def project_device(view: DeviceView | None, recorded: Recorded) -> DeviceView | None:
    """Fold a device's events. A device that is gone stays: its code is dead anyway."""
    match recorded.event:
        case DeviceCreated() as event:
            return DeviceView(event.name, event.sip_account_ids)
        case DeviceRenamed(name=name):
            return view and replace(view, name=name)
        case DeviceAccountsChanged(sip_account_ids=ids):
            return view and replace(view, sip_account_ids=ids)
    return view


def project_sip_account(view: SipAccountView | None, recorded: Recorded) -> SipAccountView | None:
    """Fold an account's events."""
    event = recorded.event
    if not isinstance(event, SipAccountAdded | SipAccountChanged):
        return view
    return SipAccountView(event.friendly_name, event.password_entered_on_device)


def project_organization(
    view: OrganizationView | None, recorded: Recorded
) -> OrganizationView | None:
    """Fold an organization's events."""
    event = recorded.event
    return OrganizationView(event.name) if isinstance(event, OrganizationRegistered) else view


NOTIFICATIONS = ReadModel(
    "notifications_v1",
    NotificationView,
    (
        Index("by_time", ("planned_at",)),
        Index("by_status", ("status", "planned_at")),
        Index("by_device", ("device_id", "planned_at")),
        Index("by_device_and_status", ("device_id", "status", "planned_at")),
    ),
)
CONTACTS = ReadModel("contacts_v1", ContactView)
DEVICES = ReadModel("devices_v1", DeviceView)
SIP_ACCOUNTS = ReadModel("sip_accounts_v1", SipAccountView)
ORGANIZATIONS = ReadModel("organizations_v1", OrganizationView)

projections = (
    Projection(
        NOTIFICATIONS,
        {kind: lambda event: event.notification_id for kind in NotificationEvents},
        project_notification,
    ),
    Projection(
        CONTACTS,
        {
            kind: lambda event: event.contact_id
            for kind in (ContactAdded, ContactChanged, ContactRemoved, ContactErased)
        },
        project_contact,
    ),
    Projection(
        DEVICES,
        {
            kind: lambda event: event.device_id
            for kind in (DeviceCreated, DeviceRenamed, DeviceAccountsChanged)
        },
        project_device,
    ),
    Projection(
        SIP_ACCOUNTS,
        {kind: lambda event: event.sip_account_id for kind in (SipAccountAdded, SipAccountChanged)},
        project_sip_account,
    ),
    Projection(
        ORGANIZATIONS,
        {OrganizationRegistered: lambda event: event.organization_id},
        project_organization,
    ),
)
