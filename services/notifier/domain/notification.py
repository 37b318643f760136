"""Notification: one mail to one address, from the intention to what became of it."""

from collections.abc import Sequence

from chassis.decider import Decider, Refused, present
from schemas.notifier import (
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)
from schemas.said import said
from services.notifier.domain.commands import (
    AttemptNotification,
    ConfirmSent,
    DeferNotification,
    FailNotification,
    MarkUncertain,
    NotificationCommand,
    PlanNotification,
    SuppressNotification,
)
from services.notifier.domain.state import Notification, NotificationEvent, evolve


class AttemptRefused(Refused):
    """Nothing may be sent now."""


class AttemptUnderWay(AttemptRefused):
    """An attempt has begun and has not reported back."""


class NotificationOver(AttemptRefused):
    """No further attempt is made."""


class NotYetDue(AttemptRefused):
    """The mail server asked for patience."""


class CodeExpired(AttemptRefused):
    """The activation code in the mail would not work any more."""


def decide(
    command: NotificationCommand, notification: Notification | None
) -> Sequence[NotificationEvent]:
    """What follows from a command.

    Every command but `AttemptNotification` may be repeated: that one hands out the right to send,
    and nobody gets it twice.
    """
    if isinstance(command, PlanNotification):
        return [] if notification is not None else _plan(command)
    known = present(notification)
    match command:
        case AttemptNotification():
            return [_attempted(command, known)]
        case ConfirmSent():
            return _confirmed(command, known)
        case SuppressNotification():
            return _suppressed(command, known)
        case MarkUncertain() if not known.under_way:
            return []
    return [_outcome(command)] if _is_news(command.attempt, known) else []


def _plan(command: PlanNotification) -> Sequence[NotificationEvent]:
    if command.of_no_use is None:
        return [_planned(command)]
    suppressed = NotificationSuppressed(
        notification_id=command.notification_id, reason=command.of_no_use
    )
    return [_planned(command), suppressed]


def _planned(command: PlanNotification) -> NotificationPlanned:
    return NotificationPlanned(
        notification_id=command.notification_id,
        request_id=command.request_id,
        activation_id=command.activation_id,
        device_id=command.device_id,
        contact_id=command.contact_id,
        address_id=command.address_id,
        generation=command.generation,
        language=command.language,
        expires_at=command.expires_at,
        resend_of=command.resend_of,
    )


def _attempted(command: AttemptNotification, known: Notification) -> NotificationAttempted:
    if known.over:
        raise NotificationOver("Nothing more is sent. Mail the instructions again if need be.")
    if known.under_way:
        raise AttemptUnderWay("Wait until the attempt has reported back or is given up.")
    if known.retry_at is not None and command.at < known.retry_at:
        raise NotYetDue(said("Wait until %(time)s UTC.", time=f"{known.retry_at:%H:%M:%S}"))
    if command.at >= known.expires_at:
        raise CodeExpired("Issue a new activation code, then mail the instructions again.")
    return NotificationAttempted(
        notification_id=command.notification_id,
        attempt=known.next_attempt,
        message_id=command.message_id,
    )


def _confirmed(command: ConfirmSent, known: Notification) -> Sequence[NotificationSent]:
    if known.status == "sent" or known.message_id is None or command.attempt > known.attempts:
        return []
    # Even from an attempt that was given up for lost: that the mail was accepted is the truth.
    return [
        NotificationSent(
            notification_id=command.notification_id,
            attempt=command.attempt,
            message_id=known.message_id,
        )
    ]


def _suppressed(
    command: SuppressNotification, known: Notification
) -> Sequence[NotificationSuppressed]:
    # To call a mail suppressed that may have been sent would be a guess.
    if known.over or known.under_way or known.uncertain:
        return []
    return [NotificationSuppressed(notification_id=command.notification_id, reason=command.reason)]


def _is_news(attempt: int, known: Notification) -> bool:
    current = known.attempts if known.under_way else known.next_attempt
    return attempt == current and not known.over


def _outcome(
    command: DeferNotification | FailNotification | MarkUncertain,
) -> NotificationEvent:
    match command:
        case DeferNotification(notification_id, attempt, reason, retry_at):
            return NotificationDeferred(
                notification_id=notification_id, attempt=attempt, reason=reason, retry_at=retry_at
            )
        case FailNotification(notification_id, attempt, code):
            return NotificationFailed(notification_id=notification_id, attempt=attempt, code=code)
        case MarkUncertain(notification_id, attempt):
            return NotificationUncertain(notification_id=notification_id, attempt=attempt)


notification: Decider[NotificationCommand, Notification | None, NotificationEvent] = Decider(
    None, decide, evolve
)
