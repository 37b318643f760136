"""Activation: a device has one code that works, until a softphone has exchanged it for a token.

What may be done, by who does it: facts about the device (`device_facts`), softphones
(`softphones`), time and strangers (`dead_codes`), and here its administrators.
"""

from collections.abc import Sequence

from chassis.decider import Decider, Refused, Unknown
from schemas.activation import (
    ActivationCodeRevoked,
    ActivationCodeViewed,
    ActivationRequested,
)
from services.activation.domain.commands import (
    Activate,
    ActivationCommand,
    ExpireCode,
    IssueCode,
    NoteFetch,
    NoteTry,
    ReissueCode,
    RequestInstructions,
    RevokeCode,
    ViewCode,
)
from services.activation.domain.dead_codes import expire, expired, note_try
from services.activation.domain.device_facts import follow, next_code
from services.activation.domain.softphones import activate, note_fetch
from services.activation.domain.state import Activation, ActivationEvent, evolve


class CodeDead(Refused):
    """A code that cannot be exchanged any more is not handed out."""

    def __init__(self) -> None:
        super().__init__("The activation code is expired, used or revoked. Issue a new one first.")


class DeviceInactive(Refused):
    """A deactivated or removed device gets no code."""


def decide(command: ActivationCommand, activation: Activation) -> Sequence[ActivationEvent]:
    """What follows from a command."""
    match command:
        case IssueCode() | RevokeCode():
            return follow(command, activation)
        case Activate():
            return activate(command, activation)
        case NoteFetch():
            return note_fetch(command, activation)
        case ExpireCode():
            return expire(command, activation)
        case NoteTry():
            return note_try(command, activation)
    return _asked(command, activation)


def _asked(
    command: ReissueCode | RequestInstructions | ViewCode, activation: Activation
) -> Sequence[ActivationEvent]:
    """What an administrator may ask for."""
    if not activation.generation:
        raise Unknown("This device has no activation code. Choose a device of the list.")
    match command:
        case ReissueCode():
            return _reissue(command, activation)
        case RequestInstructions():
            return _request_instructions(command, activation)
        case ViewCode(device_id, by, at):
            generation = activation.generation
            viewed = ActivationCodeViewed(activation_id=device_id, generation=generation, by=by)
            return [*expired(device_id, activation, at), viewed]


def _reissue(command: ReissueCode, activation: Activation) -> Sequence[ActivationEvent]:
    if activation.ended:
        raise DeviceInactive("This device is deactivated. Reactivate it: it then has a new code.")
    revoked = ActivationCodeRevoked(
        activation_id=command.device_id, generation=activation.generation, reason="reissued"
    )
    issued = next_code(command.device_id, activation, command.new)
    return [revoked, issued] if activation.code == "live" else [issued]


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


activation: Decider[ActivationCommand, Activation, ActivationEvent] = Decider(
    Activation(), decide, evolve
)
