"""What activation knows of providers, accounts, contacts, devices and their guests: folds of logs.

Each is a fold: drop it, replay, and it is the same again.
"""

from dataclasses import dataclass, replace
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel
from schemas.event import Event
from schemas.provisioning import (
    ContactAdded,
    ContactChanged,
    ContactErased,
    ContactRemoved,
    DeviceAccountsChanged,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
    DialingRule,
    Email,
    ServiceProviderAdded,
    ServiceProviderChanged,
    ServiceProviderRemoved,
    SipAccountAdded,
    SipAccountChanged,
    SipAccountDisabled,
    SipAccountEnabled,
    SipAccountRemoved,
    SipAccountSecretSet,
    SipProxy,
    Transport,
)
from services.activation.guests import guest_projection, sitting_projection
from services.activation.live_codes import live_code_projection
from services.activation.mails import mail_projection
from services.activation.organizations import organization_projection

DeviceFacts = (
    DeviceCreated,
    DeviceConfigurationChanged,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
    DeviceAccountsChanged,
)
ProviderFacts = (ServiceProviderAdded, ServiceProviderChanged, ServiceProviderRemoved)
SipAccountFacts = (
    SipAccountAdded,
    SipAccountChanged,
    SipAccountSecretSet,
    SipAccountEnabled,
    SipAccountDisabled,
    SipAccountRemoved,
)
ContactFacts = (ContactAdded, ContactChanged, ContactRemoved, ContactErased)


@dataclass(frozen=True)
class ProviderView:
    """Where accounts of a provider register."""

    id: str
    name: str
    sip_server: str
    sip_port: int
    sip_proxy: SipProxy | None = None
    realm: str | None = None


@dataclass(frozen=True)
class SecretReference:
    """Where a sealed password is kept."""

    secret_id: str
    version: int


@dataclass(frozen=True)
class SipAccountView:
    """What a softphone needs to register, but for the password itself."""

    id: str
    provider_id: str
    friendly_name: str
    username: str
    protocol: Transport
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: str | None = None
    display_name: str | None = None
    dialing_rules: tuple[DialingRule, ...] = ()
    enabled: bool = True
    secret: SecretReference | None = None


@dataclass(frozen=True)
class ContactView:
    """The addresses and language instructions may be sent to and in."""

    id: str
    emails: tuple[Email, ...]
    language: str | None = None


@dataclass(frozen=True)
class DeviceView:
    """What a device is to be set up as. A removed one stays, to be told from one not yet here."""

    id: str
    version: int
    contact_id: str
    name: str
    sip_account_ids: tuple[str, ...]
    revision: int = 1
    active: bool = True
    removed: bool = False


def project_provider(view: ProviderView | None, recorded: Recorded) -> ProviderView | None:
    """Fold a provider's facts."""
    match recorded.event:
        case ServiceProviderRemoved():
            return None
        case ServiceProviderAdded() | ServiceProviderChanged() as event:
            return ProviderView(
                id=event.provider_id,
                name=event.name,
                sip_server=event.sip_server,
                sip_port=event.sip_port,
                sip_proxy=event.sip_proxy,
                realm=event.realm,
            )
    return view


def project_sip_account(view: SipAccountView | None, recorded: Recorded) -> SipAccountView | None:
    """Fold an account's facts."""
    match recorded.event:
        case SipAccountAdded() as event:
            return _registered(event, enabled=event.enabled, secret=None)
        case SipAccountChanged() as event:
            held = None if event.password_entered_on_device or view is None else view.secret
            return _registered(event, enabled=view is None or view.enabled, secret=held)
        case SipAccountSecretSet() as event:
            secret = SecretReference(event.secret_id, event.secret_version)
            return view and replace(view, secret=secret)
        case SipAccountEnabled() | SipAccountDisabled() as event:
            return view and replace(view, enabled=isinstance(event, SipAccountEnabled))
        case SipAccountRemoved():
            return None
    return view


def _registered(
    event: SipAccountAdded | SipAccountChanged, *, enabled: bool, secret: SecretReference | None
) -> SipAccountView:
    return SipAccountView(
        id=event.sip_account_id,
        provider_id=event.provider_id,
        friendly_name=event.friendly_name,
        username=event.username,
        protocol=event.protocol,
        password_entered_on_device=event.password_entered_on_device,
        use_push_proxy=event.use_push_proxy,
        authorization_username=event.authorization_username,
        display_name=event.display_name,
        dialing_rules=event.dialing_rules,
        enabled=enabled,
        secret=secret,
    )


def project_contact(view: ContactView | None, recorded: Recorded) -> ContactView | None:
    """Fold a contact's facts."""
    match recorded.event:
        case ContactAdded() | ContactChanged() as event:
            return ContactView(event.contact_id, event.emails, event.language)
        case ContactRemoved() | ContactErased():
            return None
    return view


def project_device(view: DeviceView | None, recorded: Recorded) -> DeviceView | None:
    """Fold a device's facts."""
    event, version = recorded.event, recorded.envelope.version
    if isinstance(event, DeviceCreated):
        return DeviceView(
            event.device_id, version, event.contact_id, event.name, event.sip_account_ids
        )
    return view and replace(_changed(view, event), version=version)


def _changed(view: DeviceView, event: Event) -> DeviceView:
    match event:
        case DeviceConfigurationChanged(revision=revision):
            return replace(view, revision=revision)
        case DeviceDeactivated() | DeviceReactivated():
            return replace(view, active=isinstance(event, DeviceReactivated))
        case DeviceRenamed(name=name):
            return replace(view, name=name)
        case DeviceAccountsChanged(sip_account_ids=ids):
            return replace(view, sip_account_ids=ids)
        case DeviceRemoved():
            return replace(view, name="", sip_account_ids=(), active=False, removed=True)
    return view


PROVIDERS = ReadModel("providers_v1", ProviderView)
SIP_ACCOUNTS = ReadModel("sip_accounts_v1", SipAccountView)
CONTACTS = ReadModel("contacts_v1", ContactView)
DEVICES = ReadModel("devices_v1", DeviceView)

projections = (
    Projection(
        PROVIDERS, dict.fromkeys(ProviderFacts, attrgetter("provider_id")), project_provider
    ),
    Projection(
        SIP_ACCOUNTS,
        dict.fromkeys(SipAccountFacts, attrgetter("sip_account_id")),
        project_sip_account,
    ),
    Projection(CONTACTS, dict.fromkeys(ContactFacts, attrgetter("contact_id")), project_contact),
    Projection(DEVICES, dict.fromkeys(DeviceFacts, attrgetter("device_id")), project_device),
    mail_projection,
    organization_projection,
    guest_projection,
    sitting_projection,
    live_code_projection,
)
