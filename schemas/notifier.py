"""Facts published by the notifier: what became of each mail."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from schemas.event import Event
from schemas.fields import Id, Language, PlainText

Attempt = Annotated[int, Field(ge=1)]
MessageId = Annotated[str, Field(min_length=1, max_length=320), PlainText]
"""The mail's `Message-ID`: made of ids, so it names nobody."""


class NotificationPlanned(Event, name="notifier.v1.NotificationPlanned", aggregate="notification"):
    """One mail to one address of one contact is to be sent.

    `resend_of` names the notification that a person wanted to be sent again.
    """

    notification_id: Id
    request_id: Id
    activation_id: Id
    device_id: Id
    contact_id: Id
    address_id: Id
    generation: Annotated[int, Field(ge=1)]
    language: Language
    expires_at: AwareDatetime
    resend_of: Id | None = None


class NotificationAttempted(
    Event, name="notifier.v1.NotificationAttempted", aggregate="notification"
):
    """The mail is being handed to the mail server. Until the next fact its fate is not known."""

    notification_id: Id
    attempt: Attempt
    message_id: MessageId


class NotificationSent(Event, name="notifier.v1.NotificationSent", aggregate="notification"):
    """The mail server accepted the mail."""

    notification_id: Id
    attempt: Attempt
    message_id: MessageId


class NotificationDeferred(
    Event, name="notifier.v1.NotificationDeferred", aggregate="notification"
):
    """The mail server could not be reached or asked for patience: there will be another attempt.

    `reason` is in our words: the server's own may quote the address.
    """

    notification_id: Id
    attempt: Attempt
    reason: Annotated[str, Field(min_length=1, max_length=200), PlainText]
    retry_at: AwareDatetime


class NotificationFailed(Event, name="notifier.v1.NotificationFailed", aggregate="notification"):
    """The mail server refused the mail for good, with this SMTP reply code.

    A code below 500 is the last one before we gave up.
    """

    notification_id: Id
    attempt: Attempt
    code: Annotated[int, Field(ge=400, le=599)]


class NotificationUncertain(
    Event, name="notifier.v1.NotificationUncertain", aggregate="notification"
):
    """An attempt was cut off: the mail may or may not have been accepted."""

    notification_id: Id
    attempt: Attempt


class NotificationSuppressed(
    Event, name="notifier.v1.NotificationSuppressed", aggregate="notification"
):
    """The mail is not sent, because it would be of no use any more.

    `before_start`: it was asked for before this notifier's log began.
    """

    notification_id: Id
    reason: Literal["code_dead", "address_removed", "expired", "before_start"]
