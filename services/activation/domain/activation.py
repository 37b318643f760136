"""Activation: a device has one code that works, until a softphone has exchanged it for a token."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from chassis.decider import Decider, Refused, Unknown
from schemas.activation import (
    ActivationCodeIssued,
    ActivationCodeRevoked,
    ActivationCodeViewed,
    ActivationRequested,
    DeviceActivated,
    DeviceConfigurationFetched,
    DeviceTokenRevoked,
)
from services.activation.domain.commands import (
    Activate,
    ActivationCommand,
    Ended,
    IssueCode,
    NewCode,
    NoteFetch,
    NoteTry,
    ReissueCode,
    RequestInstructions,
    RevokeCode,
    ViewCode,
)
from services.activation.domain.dead_codes import expired, note_try
from services.activation.domain.state import Activation, ActivationEvent, evolve

REPEATABLE_FOR = timedelta(minutes=10)


class CodeNotAccepted(Refused):
    """The code was never issued, or is expired, used or revoked. Nobody learns which."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "This activation code cannot be used. Check it for typing mistakes, or ask your "
            "administrator for a new one."
        )


class CodeDead(Refused):
    """A code that cannot be exchanged any more is not handed out."""

    def __init__(self) -> None:
        super().__init__("The activation code is expired, used or revoked. Issue a new one first.")


class DeviceInactive(Refused):
    """A deactivated or removed device gets no code."""


class CodeStillToCome(Refused):
    """What shall be revoked follows from a fact about the device that has not arrived yet."""


def decide(command: ActivationCommand, activation: Activation) -> Sequence[ActivationEvent]:
    """What follows from a command."""
    match command:
        case IssueCode():
            return _issue(command, activation)
        case RevokeCode():
            return _revoke(command, activation)
        case Activate():
            return _activate(command, activation)
        case NoteFetch():
            return _note_fetch(command, activation)
        case NoteTry():
            return note_try(command, activation)
    if not activation.generation:
        raise Unknown("This device has no activation code. Choose a device of the list.")
    return _asked(command, activation)


def _asked(
    command: ReissueCode | RequestInstructions | ViewCode, activation: Activation
) -> Sequence[ActivationEvent]:
    """What an administrator may ask for."""
    match command:
        case ReissueCode():
            return _reissue(command, activation)
        case RequestInstructions():
            return _request_instructions(command, activation)
        case ViewCode(device_id, by, at):
            generation = activation.generation
            viewed = ActivationCodeViewed(activation_id=device_id, generation=generation, by=by)
            return [*expired(device_id, activation, at), viewed]


def _issue(command: IssueCode, activation: Activation) -> Sequence[ActivationEvent]:
    # Facts about a device may arrive late and out of order; an overtaken one changes nothing.
    if command.device_version <= activation.device_version:
        return []
    issued = _issued(command.device_id, activation, command.new, command.device_version)
    return [*_end(command.device_id, activation, "deactivated", command.device_version), issued]


def _reissue(command: ReissueCode, activation: Activation) -> Sequence[ActivationEvent]:
    if activation.ended:
        raise DeviceInactive("This device is deactivated. Reactivate it: it then has a new code.")
    revoked = ActivationCodeRevoked(
        activation_id=command.device_id, generation=activation.generation, reason="reissued"
    )
    issued = _issued(command.device_id, activation, command.new)
    return [revoked, issued] if activation.code == "live" else [issued]


def _issued(
    device_id: str, activation: Activation, new: NewCode, device_version: int | None = None
) -> ActivationCodeIssued:
    generation = activation.generation + 1 + new.skip
    minted = new.mint(generation)
    return ActivationCodeIssued(
        activation_id=device_id,
        device_id=device_id,
        device_version=device_version,
        generation=generation,
        key_id=minted.key_id,
        fingerprint=minted.fingerprint,
        expires_at=new.expires_at,
    )


def _revoke(command: RevokeCode, activation: Activation) -> Sequence[ActivationEvent]:
    if command.device_version <= activation.device_version:
        return []
    facts = _end(command.device_id, activation, command.reason, command.device_version)
    over = activation.ended and "removed" in (activation.ended, command.reason)
    if not facts and not over:
        raise CodeStillToCome("The code of this device has not been issued yet. Try again later.")
    return facts


def _end(
    device_id: str, activation: Activation, reason: Ended, device_version: int
) -> Sequence[ActivationEvent]:
    """The facts that end what is alive."""
    ended: list[ActivationEvent] = []
    if activation.code in ("live", "expired"):
        ended.append(
            ActivationCodeRevoked(
                activation_id=device_id,
                generation=activation.generation,
                device_version=device_version,
                reason=reason,
            )
        )
    if activation.trusted:
        ended.append(_token_revoked(device_id, activation, reason, device_version))
    return ended


def _token_revoked(
    device_id: str,
    activation: Activation,
    reason: Literal["replaced", "deactivated", "removed"],
    device_version: int | None = None,
) -> DeviceTokenRevoked:
    return DeviceTokenRevoked(
        activation_id=device_id,
        device_id=device_id,
        device_version=device_version,
        token_fingerprint=activation.token or "",
        reason=reason,
    )


def _activate(command: Activate, activation: Activation) -> Sequence[ActivationEvent]:
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
        repeatable_until=activation.repeatable_until or _repeatable_until(command, activation),
    )
    if activation.trusted:
        return [_token_revoked(command.device_id, activation, "replaced"), activated]
    return [activated]


def _repeatable_until(command: Activate, activation: Activation) -> datetime:
    until = command.at + REPEATABLE_FOR
    return min(until, activation.expires_at or until)


def _request_instructions(
    command: RequestInstructions, activation: Activation
) -> Sequence[ActivationEvent]:
    if activation.expires_at is None or not activation.usable(command.at):
        raise CodeDead
    return [
        ActivationRequested(
            activation_id=command.device_id,
            request_id=command.request_id,
            device_id=command.device_id,
            contact_id=command.contact_id,
            generation=activation.generation,
            address_ids=command.address_ids,
            language=command.language,
            expires_at=activation.expires_at,
        )
    ]


def _note_fetch(command: NoteFetch, activation: Activation) -> Sequence[ActivationEvent]:
    if not activation.lacks(command.token_fingerprint, command.revision):
        return []
    return [
        DeviceConfigurationFetched(
            activation_id=command.device_id,
            device_id=command.device_id,
            revision=command.revision,
            format=command.format,
        )
    ]


activation: Decider[ActivationCommand, Activation, ActivationEvent] = Decider(
    Activation(), decide, evolve
)
