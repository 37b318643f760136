"""Facts published by the activation service: codes, devices that used them, what they fetched."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.event import Event
from schemas.fields import Fingerprint, Id, Language, PlainText, Revision, Version

Generation = Annotated[int, Field(ge=1)]
ClientText = Annotated[str, Field(max_length=100), PlainText]
Format = Literal["json", "linphone", "baresip", "acrobits", "pjsua"]
DeviceVersion = Annotated[
    Version | None,
    Field(description="Version of the fact about the device that led to this, if one did."),
]

GuestChanges = Annotated[int, Field(ge=0)]
"""How many of the revisions of a device are guests who came to its hot desk or left it."""


class Client(BaseModel):
    """The softphone as it describes itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClientText | None = None
    version: ClientText | None = None
    platform: ClientText | None = None


class ActivationCodeIssued(
    Event, name="activation.v1.ActivationCodeIssued", aggregate="activation"
):
    """A device has a live code. The code itself is derived when needed and stored nowhere."""

    activation_id: Id
    device_id: Id
    generation: Generation
    key_id: Id
    fingerprint: Fingerprint
    expires_at: AwareDatetime
    device_version: DeviceVersion = None


class ActivationCodeViewed(
    Event, name="activation.v1.ActivationCodeViewed", aggregate="activation"
):
    """An administrator looked the code up."""

    activation_id: Id
    generation: Generation
    by: Id


class ActivationRequested(Event, name="activation.v1.ActivationRequested", aggregate="activation"):
    """The instructions are to be mailed to these addresses of the contact."""

    activation_id: Id
    request_id: Id
    device_id: Id
    contact_id: Id
    generation: Generation
    address_ids: Annotated[tuple[Id, ...], Field(min_length=1)]
    language: Language | None = None
    expires_at: AwareDatetime


class ActivationCodeRevoked(
    Event, name="activation.v1.ActivationCodeRevoked", aggregate="activation"
):
    """The code of this generation is dead."""

    activation_id: Id
    generation: Generation
    reason: Literal["reissued", "deactivated", "removed"]
    device_version: DeviceVersion = None


class ActivationCodeTried(Event, name="activation.v1.ActivationCodeTried", aggregate="activation"):
    """Somebody presented a code of this device that is of no use, and was refused.

    `source` is a keyed hash of the network address: the same one, the same hash. After some
    tries of a generation no more are recorded.
    """

    activation_id: Id
    generation: Generation
    reason: Literal["expired", "used", "revoked", "inactive"]
    source: Fingerprint


class ActivationCodeExpired(
    Event, name="activation.v1.ActivationCodeExpired", aggregate="activation"
):
    """The code of this generation was not used in time; it has been dead since `expired_at`."""

    activation_id: Id
    generation: Generation
    expired_at: AwareDatetime


class DeviceActivated(Event, name="activation.v1.DeviceActivated", aggregate="activation"):
    """A softphone exchanged the code for its configuration and holds a device token now.

    Until `repeatable_until` the same installation may do so again, in case the answer was lost.
    """

    activation_id: Id
    device_id: Id
    generation: Generation
    token_fingerprint: Fingerprint
    installation_fingerprint: Fingerprint
    client: Client
    format: Format
    revision: Revision
    guest_changes: GuestChanges = 0
    repeatable_until: AwareDatetime | None = None


class DeviceTokenRevoked(Event, name="activation.v1.DeviceTokenRevoked", aggregate="activation"):
    """The device token no longer opens any secret."""

    activation_id: Id
    device_id: Id
    token_fingerprint: Fingerprint
    reason: Literal["replaced", "deactivated", "removed"]
    device_version: DeviceVersion = None


class DeviceConfigurationFetched(
    Event, name="activation.v1.DeviceConfigurationFetched", aggregate="activation"
):
    """A device has this revision of its configuration for the first time.

    Provisioning counts the same revision without `guest_changes`.
    """

    activation_id: Id
    device_id: Id
    revision: Revision
    guest_changes: GuestChanges = 0
    format: Format
