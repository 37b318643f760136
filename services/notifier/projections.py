"""Read models of the notifier. Each is a fold: drop it, replay, and it is the same again."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.event import Event
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
from schemas.sessions import OrganizationChanged, OrganizationRegistered
from services.notifier.domain.state import Notification, Status, evolve
from services.notifier.letterhead import Stationery

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
class Step:
    """One fact in the life of a mail: `planned`, `attempted`, `sent` and so on."""

    what: str
    at: datetime
    attempt: int | None = None
    remark: str | None = None


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
    resend_of: str | None = None
    trail: tuple[Step, ...] = ()


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
    """In whose name a mail is written, and in which language if the reader has none."""

    name: str
    language: str | None = None
    stationery: Stationery = field(default_factory=Stationery)


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
        resend_of=view.resend_of if view else getattr(event, "resend_of", None),
        trail=_with(_step(event, at), view.trail if view else ()),
    )


def _with(step: Step, trail: tuple[Step, ...]) -> tuple[Step, ...]:
    return trail if step in trail else (*trail, step)


def _step(event: Event, at: datetime) -> Step:
    what = event.short_name.removeprefix("Notification").lower()
    return Step(what, at, getattr(event, "attempt", None), _remark(event))


def _remark(event: object) -> str | None:
    match event:
        case NotificationDeferred(reason=reason) | NotificationSuppressed(reason=reason):
            return reason
        case NotificationFailed(code=code, attempt=attempt) if code < 500:
            return f"given up after {attempt} attempts, the last answer was SMTP {code}"
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
    """Fold an organization's events. A change says all of it: what it leaves out is not chosen."""
    match recorded.event:
        case OrganizationRegistered(name=name):
            return OrganizationView(name)
        case OrganizationChanged() as event:
            own = Stationery(event.mail_from, event.help_contact, event.download_links)
            return OrganizationView(event.name, event.language, own)
    return view


NOTIFICATIONS = ReadModel(
    "notifications_v2",
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
ORGANIZATIONS = ReadModel("organizations_v2", OrganizationView)

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
        {
            kind: lambda event: event.organization_id
            for kind in (OrganizationRegistered, OrganizationChanged)
        },
        project_organization,
    ),
)
