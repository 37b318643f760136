"""Facts published by the provisioning service: what softphones are to be set up, and for whom."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.event import Event
from schemas.fields import PERSONAL, Id, Language, Name, PersonName, PlainText, Revision

Host = Annotated[
    str,
    Field(title="host", pattern=r"^[0-9a-z._:%-]+$", max_length=253, examples=["sip.example.com"]),
]
"""A host name or IP address in lower case, without brackets."""
Port = Annotated[int, Field(ge=1, le=65535)]
Transport = Literal["udp", "tcp"]
SipText = Annotated[str, Field(min_length=1, max_length=128), PlainText]
AccountIds = Annotated[tuple[Id, ...], Field(min_length=1, max_length=4)]
Address = Annotated[
    str,
    Field(
        title="e-mail address",
        pattern=r"^[^@\s]+@[^@\s]+$",
        max_length=254,
        json_schema_extra=PERSONAL,
    ),
    PlainText,
]


class SipProxy(BaseModel):
    """Where outbound traffic goes first, if not straight to the SIP server."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: Host
    port: Port | None = None
    transport: Transport | None = None


class DialingRule(BaseModel):
    """Numbers starting with `match` lose `strip` leading digits and get `add` in front."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    match: Annotated[str, Field(max_length=32, pattern=r"^[0-9*#+]*$")]
    strip: Annotated[int, Field(ge=0, le=32)] = 0
    add: Annotated[str, Field(max_length=32, pattern=r"^[0-9*#+]*$")] = ""


class Email(BaseModel):
    """One labelled address of a contact."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email_id: Id
    address: Address
    label: Literal["work", "home"]


class ServiceProviderAdded(
    Event, name="provisioning.v1.ServiceProviderAdded", aggregate="provider"
):
    """A SIP provider can be used from now on. Every organization starts with a default one."""

    provider_id: Id
    name: Name
    sip_server: Host
    sip_port: Port
    sip_proxy: SipProxy | None = None
    realm: SipText | None = None
    is_default: bool = False


class ServiceProviderChanged(
    Event, name="provisioning.v1.ServiceProviderChanged", aggregate="provider"
):
    """A SIP provider is reached in another way or called something else. All of it is repeated."""

    provider_id: Id
    name: Name
    sip_server: Host
    sip_port: Port
    sip_proxy: SipProxy | None = None
    realm: SipText | None = None


class ServiceProviderRemoved(
    Event, name="provisioning.v1.ServiceProviderRemoved", aggregate="provider"
):
    """The provider is gone for good. No SIP account was left at it."""

    provider_id: Id


class SipAccountAdded(Event, name="provisioning.v1.SipAccountAdded", aggregate="sip_account"):
    """An account at a provider can be put on devices. The password is never part of it."""

    sip_account_id: Id
    provider_id: Id
    friendly_name: Name
    username: SipText
    protocol: Transport
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: SipText | None = None
    display_name: SipText | None = None
    dialing_rules: tuple[DialingRule, ...] = ()
    enabled: bool = True


class SipAccountChanged(Event, name="provisioning.v1.SipAccountChanged", aggregate="sip_account"):
    """An account is set up in another way. All of it is repeated, but for the password."""

    sip_account_id: Id
    provider_id: Id
    friendly_name: Name
    username: SipText
    protocol: Transport
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: SipText | None = None
    display_name: SipText | None = None
    dialing_rules: tuple[DialingRule, ...] = ()


class SipAccountSecretSet(
    Event, name="provisioning.v1.SipAccountSecretSet", aggregate="sip_account"
):
    """A sealed password was put in the secret store. Only activation can open it."""

    sip_account_id: Id
    secret_id: Id
    secret_version: Annotated[int, Field(ge=1)]
    key_id: Id


class SipAccountEnabled(Event, name="provisioning.v1.SipAccountEnabled", aggregate="sip_account"):
    """Devices register this account again."""

    sip_account_id: Id


class SipAccountDisabled(Event, name="provisioning.v1.SipAccountDisabled", aggregate="sip_account"):
    """Devices leave this account blank. It keeps its place on them."""

    sip_account_id: Id


class SipAccountRemoved(Event, name="provisioning.v1.SipAccountRemoved", aggregate="sip_account"):
    """The account is gone for good. It was on no device any more."""

    sip_account_id: Id
    provider_id: Id


class ContactAdded(Event, name="provisioning.v1.ContactAdded", aggregate="contact"):
    """A person who gets devices, and the addresses instructions may be sent to."""

    contact_id: Id
    first_name: PersonName
    last_name: PersonName
    emails: Annotated[tuple[Email, ...], Field(min_length=1)]
    language: Language | None = None


class ContactChanged(Event, name="provisioning.v1.ContactChanged", aggregate="contact"):
    """A person is called or reached in another way. All of it is repeated."""

    contact_id: Id
    first_name: PersonName
    last_name: PersonName
    emails: Annotated[tuple[Email, ...], Field(min_length=1)]
    language: Language | None = None


class ContactRemoved(Event, name="provisioning.v1.ContactRemoved", aggregate="contact"):
    """The person gets no devices any more; the devices there were have been removed before."""

    contact_id: Id


class ContactErased(Event, name="provisioning.v1.ContactErased", aggregate="contact", erases=True):
    """The person is to be forgotten: earlier facts about this contact disappear from the log."""

    contact_id: Id


class DeviceCreated(Event, name="provisioning.v1.DeviceCreated", aggregate="device"):
    """A contact's softphone, with one to four SIP accounts in order. It waits for activation."""

    device_id: Id
    contact_id: Id
    name: Name
    sip_account_ids: AccountIds


class DeviceRenamed(Event, name="provisioning.v1.DeviceRenamed", aggregate="device"):
    """The device is called something else."""

    device_id: Id
    name: Name


class DeviceAccountsChanged(
    Event, name="provisioning.v1.DeviceAccountsChanged", aggregate="device"
):
    """The device has other SIP accounts now, or the same in another order."""

    device_id: Id
    sip_account_ids: AccountIds


class DeviceConfigurationChanged(
    Event, name="provisioning.v1.DeviceConfigurationChanged", aggregate="device"
):
    """The document this device should have is another one now. A device starts at revision 1."""

    device_id: Id
    revision: Revision
    cause: Annotated[str, Field(min_length=1, max_length=100), PlainText]


class DeviceDeactivated(Event, name="provisioning.v1.DeviceDeactivated", aggregate="device"):
    """The device must not register any more."""

    device_id: Id
    reason: Literal["admin", "lost"]


class DeviceReactivated(Event, name="provisioning.v1.DeviceReactivated", aggregate="device"):
    """The device may be used again, after a new activation."""

    device_id: Id


class DeviceRemoved(Event, name="provisioning.v1.DeviceRemoved", aggregate="device"):
    """The device is gone for good."""

    device_id: Id
