"""What becomes known of codes that are of no use any more: their expiry, and who tries them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from schemas.activation import ActivationCodeExpired, ActivationCodeTried
from services.activation.domain.commands import ExpireCode, NoteTry
from services.activation.domain.state import Activation, ActivationEvent

MOST_TRIES_NOTED = 20
"""Per generation: whoever has a dead code cannot fill the log with it."""


def expire(command: ExpireCode, activation: Activation) -> Sequence[ActivationEvent]:
    """That the code of a generation was not used in time."""
    if command.generation != activation.generation:
        return []
    return expired(command.device_id, activation, command.at)


def expired(device_id: str, activation: Activation, at: datetime) -> Sequence[ActivationEvent]:
    """That the code is too old, unless that is known."""
    expires_at = activation.expires_at
    if activation.code != "live" or expires_at is None or at < expires_at:
        return []
    generation = activation.generation
    return [
        ActivationCodeExpired(activation_id=device_id, generation=generation, expired_at=expires_at)
    ]


def note_try(command: NoteTry, activation: Activation) -> Sequence[ActivationEvent]:
    """A refused code, unless enough of that is known."""
    if activation.tries >= MOST_TRIES_NOTED or command.generation > activation.generation:
        return []
    tried = ActivationCodeTried(
        activation_id=command.device_id,
        generation=command.generation,
        reason=_why_refused(command, activation),
        source=command.source,
    )
    return [*expired(command.device_id, activation, command.at), tried]


def _why_refused(
    command: NoteTry, activation: Activation
) -> Literal["expired", "used", "revoked", "inactive"]:
    if command.generation < activation.generation or activation.code == "revoked":
        return "revoked"
    if activation.code == "used":
        return "used"
    return "inactive" if activation.usable(command.at) else "expired"
