"""What follows from facts about a device: it gets a code, or loses whatever it has."""

from collections.abc import Sequence

from chassis.decider import Refused
from schemas.activation import ActivationCodeIssued, ActivationCodeRevoked
from services.activation.domain.commands import Ended, IssueCode, NewCode, RevokeCode
from services.activation.domain.softphones import token_revoked
from services.activation.domain.state import Activation, ActivationEvent


class CodeStillToCome(Refused):
    """What shall be revoked follows from a fact about the device that has not arrived yet."""


def follow(command: IssueCode | RevokeCode, activation: Activation) -> Sequence[ActivationEvent]:
    """What follows, unless a later fact was followed already: facts may arrive late and twice."""
    if command.device_version <= activation.device_version:
        return []
    if isinstance(command, RevokeCode):
        return _revoke(command, activation)
    ended = _end(command.device_id, activation, "deactivated", command.device_version)
    return [*ended, next_code(command.device_id, activation, command.new, command.device_version)]


def next_code(
    device_id: str, activation: Activation, new: NewCode, device_version: int | None = None
) -> ActivationCodeIssued:
    """The next code; that of a fact about the device names the device's version."""
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
        ended.append(token_revoked(device_id, activation, reason, device_version))
    return ended
