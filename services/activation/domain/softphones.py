"""What softphones do: they exchange a code for a token, and fetch configurations with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from chassis.decider import Refused
from schemas.activation import DeviceActivated, DeviceConfigurationFetched, DeviceTokenRevoked
from services.activation.domain.commands import Activate, NoteFetch
from services.activation.domain.state import Activation, ActivationEvent

REPEATABLE_FOR = timedelta(minutes=10)


class CodeNotAccepted(Refused):
    """The code was never issued, or is expired, used or revoked. Nobody learns which."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "This activation code cannot be used. Check it for typing mistakes, or ask your "
            "administrator for a new one."
        )


def activate(command: Activate, activation: Activation) -> Sequence[ActivationEvent]:
    """Exchange the code; whoever had a token before has it no more. Raises `CodeNotAccepted`."""
    if not activation.exchangeable(
        command.generation, command.installation_fingerprint, command.at
    ):
        raise CodeNotAccepted
    if command.token_fingerprint == activation.token:
        return []
    activated = DeviceActivated(
        activation_id=command.device_id,
        device_id=command.device_id,
        generation=command.generation,
        token_fingerprint=command.token_fingerprint,
        installation_fingerprint=command.installation_fingerprint,
        client=command.client,
        format=command.format,
        revision=command.revision,
        guest_changes=command.guest_changes,
        repeatable_until=activation.repeatable_until or _repeatable_until(command, activation),
    )
    if activation.trusted:
        return [token_revoked(command.device_id, activation, "replaced"), activated]
    return [activated]


def _repeatable_until(command: Activate, activation: Activation) -> datetime:
    until = command.at + REPEATABLE_FOR
    return min(until, activation.expires_at or until)


def note_fetch(command: NoteFetch, activation: Activation) -> Sequence[ActivationEvent]:
    """A revision that is new to the device which holds the token."""
    if not activation.lacks(command.token_fingerprint, command.revision):
        return []
    return [
        DeviceConfigurationFetched(
            activation_id=command.device_id,
            device_id=command.device_id,
            revision=command.revision,
            guest_changes=command.guest_changes,
            format=command.format,
        )
    ]


def token_revoked(
    device_id: str,
    activation: Activation,
    reason: Literal["replaced", "deactivated", "removed"],
    device_version: int | None = None,
) -> DeviceTokenRevoked:
    """The device's token opens nothing from now on."""
    return DeviceTokenRevoked(
        activation_id=device_id,
        device_id=device_id,
        device_version=device_version,
        token_fingerprint=activation.token or "",
        reason=reason,
    )
