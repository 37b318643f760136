"""What a decision about an activation depends on, and how facts change it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeIssued,
    ActivationCodeRevoked,
    ActivationCodeTried,
    ActivationCodeViewed,
    ActivationRequested,
    Client,
    DeviceActivated,
    DeviceConfigurationFetched,
    DeviceTokenRevoked,
)
from services.activation.domain.commands import Ended

ActivationEvent = (
    ActivationCodeIssued
    | ActivationCodeExpired
    | ActivationCodeRevoked
    | ActivationCodeTried
    | ActivationCodeViewed
    | ActivationRequested
    | DeviceActivated
    | DeviceConfigurationFetched
    | DeviceTokenRevoked
)
Status = Literal["waiting", "activated", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Activation:
    """Where the activation of a device stands. Generation 0: it has had no code yet.

    `device_version` is the version of the last fact about the device that was followed. A token
    that is no longer `trusted` stays known, so that its holder can be told to forget everything.
    """

    generation: int = 0
    device_version: int = 0
    code: Literal["none", "live", "expired", "used", "revoked"] = "none"
    key_id: str = ""
    expires_at: datetime | None = None
    installation: str | None = None
    repeatable_until: datetime | None = None
    token: str | None = None
    trusted: bool = False
    client: Client | None = None
    fetched_revision: int = 0
    ended: Ended | None = None
    tries: int = 0

    def usable(self, at: datetime) -> bool:
        """Whether the present code can be exchanged by whoever has it."""
        return self.code == "live" and self.expires_at is not None and at < self.expires_at

    def recognised(self, installations: Sequence[str]) -> str:
        """By which of these this installation is known already, else the first."""
        known = self.installation
        return known if known and known in installations else installations[0]

    def exchangeable(self, generation: int, installation: str, at: datetime) -> bool:
        """Whether this installation can exchange the code of this generation, perhaps again."""
        repeatable = self.repeatable_until is not None and at < self.repeatable_until
        own = self.code == "used" and self.installation == installation and self.trusted
        return generation == self.generation and (self.usable(at) or (own and repeatable))

    def holds(self, token: str) -> bool:
        """Whether this is the token that opens the device's secrets."""
        return self.trusted and token == self.token

    def lacks(self, token: str, revision: int) -> bool:
        """Whether the device, which fetches with this token, did not have the revision before."""
        own = token == self.token and (self.trusted or self.ended is not None)
        return own and revision > self.fetched_revision

    def status(self, at: datetime) -> Status:
        """What an administrator is told."""
        if self.trusted:
            return "activated"
        if self.usable(at):
            return "waiting"
        return "expired" if self.code in ("live", "expired") else "revoked"


def evolve(activation: Activation, event: ActivationEvent) -> Activation:
    """What a fact changes."""
    match event:
        case ActivationCodeIssued():
            return replace(
                activation,
                generation=event.generation,
                device_version=event.device_version or activation.device_version,
                code="live",
                key_id=event.key_id,
                expires_at=event.expires_at,
                repeatable_until=None,
                ended=None,
                tries=0,
            )
        case ActivationCodeRevoked():
            return replace(_ended(activation, event), code="revoked")
        case DeviceTokenRevoked():
            return replace(_ended(activation, event), trusted=False)
        case DeviceActivated():
            return replace(
                activation,
                code="used",
                installation=event.installation_fingerprint,
                repeatable_until=event.repeatable_until,
                token=event.token_fingerprint,
                trusted=True,
                client=event.client,
                fetched_revision=event.revision,
            )
    return _noticed(activation, event)


def _noticed(activation: Activation, event: ActivationEvent) -> Activation:
    match event:
        case DeviceConfigurationFetched():
            return replace(activation, fetched_revision=event.revision)
        case ActivationCodeExpired():
            return replace(activation, code="expired")
        case ActivationCodeTried():
            return replace(activation, tries=activation.tries + 1)
    return activation


def _ended(activation: Activation, event: ActivationCodeRevoked | DeviceTokenRevoked) -> Activation:
    version = event.device_version or activation.device_version
    if event.reason in ("deactivated", "removed"):
        return replace(activation, device_version=version, ended=event.reason)
    return activation
