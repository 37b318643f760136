"""What can be asked of a notification. Attempts are numbered from 1, also those refused early."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SuppressionReason = Literal["code_dead", "address_removed", "expired", "before_start"]


@dataclass(frozen=True, slots=True)
class PlanNotification:
    """Intend one mail to one address. Sending again by a person's wish is a plan of its own.

    One that is `of_no_use` from the start is suppressed in the same step.
    """

    notification_id: str
    request_id: str
    activation_id: str
    device_id: str
    contact_id: str
    address_id: str
    generation: int
    language: str
    expires_at: datetime
    resend_of: str | None = None
    of_no_use: SuppressionReason | None = None


@dataclass(frozen=True, slots=True)
class AttemptNotification:
    """Take the right to hand the mail over now. Only one can have it at a time."""

    notification_id: str
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmSent:
    """The mail server accepted the mail."""

    notification_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class DeferNotification:
    """The mail was not accepted for now. `reason` quotes nothing a mail server said."""

    notification_id: str
    attempt: int
    reason: str
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class FailNotification:
    """The mail will not be accepted, or we have given up asking. `code` is the SMTP reply."""

    notification_id: str
    attempt: int
    code: int


@dataclass(frozen=True, slots=True)
class MarkUncertain:
    """The attempt never reported back: the mail may have been accepted or not."""

    notification_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class SuppressNotification:
    """Give the mail up because it would be of no use."""

    notification_id: str
    reason: SuppressionReason


NotificationCommand = (
    PlanNotification
    | AttemptNotification
    | ConfirmSent
    | DeferNotification
    | FailNotification
    | MarkUncertain
    | SuppressNotification
)
