"""What a decision about a notification depends on, and how facts change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from schemas.notifier import (
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)

_Later = (
    NotificationAttempted
    | NotificationSent
    | NotificationDeferred
    | NotificationFailed
    | NotificationUncertain
    | NotificationSuppressed
)
NotificationEvent = NotificationPlanned | _Later
Status = Literal["planned", "sent", "deferred", "failed", "uncertain", "suppressed"]

MOST_UNCERTAIN = 2
"""One attempt whose fate is unknown is made up for; after the second, people must look."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Where a notification stands. `attempts` counts those begun, `uncertain` those cut off."""

    activation_id: str
    generation: int
    device_id: str
    contact_id: str
    address_id: str
    language: str
    expires_at: datetime
    status: Status = "planned"
    attempts: int = 0
    under_way: bool = False
    uncertain: int = 0
    message_id: str | None = None
    retry_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether it stays as it is, unless an attempt thought lost reports back after all."""
        given_up = self.uncertain >= MOST_UNCERTAIN
        return self.status in ("sent", "failed", "suppressed") or given_up

    @property
    def next_attempt(self) -> int:
        """The number of the attempt that would come next."""
        return self.attempts + 1


def evolve(notification: Notification | None, event: NotificationEvent) -> Notification | None:
    """What a fact changes."""
    if isinstance(event, NotificationPlanned):
        return Notification(
            activation_id=event.activation_id,
            generation=event.generation,
            device_id=event.device_id,
            contact_id=event.contact_id,
            address_id=event.address_id,
            language=event.language,
            expires_at=event.expires_at,
        )
    return notification and _after(notification, event)


def _after(notification: Notification, event: _Later) -> Notification:
    match event:
        case NotificationAttempted():
            return replace(
                notification,
                attempts=event.attempt,
                under_way=True,
                message_id=event.message_id,
                retry_at=None,
            )
        case NotificationSent():
            return replace(notification, status="sent", under_way=False)
        case NotificationDeferred():
            return replace(
                notification,
                status="deferred",
                attempts=event.attempt,
                under_way=False,
                retry_at=event.retry_at,
            )
        case NotificationFailed():
            return replace(notification, status="failed", attempts=event.attempt, under_way=False)
        case NotificationUncertain():
            uncertain = notification.uncertain + 1
            return replace(notification, status="uncertain", under_way=False, uncertain=uncertain)
        case NotificationSuppressed():
            return replace(notification, status="suppressed")
