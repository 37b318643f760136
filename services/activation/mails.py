"""What became of the mails with a device's code: a fold of the notifier's log."""

from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Literal

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.event import Event
from schemas.notifier import (
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)

MailStatus = Literal["planned", "sent", "deferred", "failed", "uncertain", "suppressed"]


@dataclass(frozen=True)
class MailView:
    """One mail to one address. `status` is what was heard of it last, at `at`."""

    id: str
    device_id: str
    contact_id: str
    address_id: str
    generation: int
    at: datetime
    status: MailStatus = "planned"


_STATUS: dict[type[Event], MailStatus] = {
    NotificationSent: "sent",
    NotificationDeferred: "deferred",
    NotificationFailed: "failed",
    NotificationUncertain: "uncertain",
    NotificationSuppressed: "suppressed",
}


def project_mail(view: MailView | None, recorded: Recorded) -> MailView | None:
    """Fold a mail's facts."""
    event, at = recorded.event, recorded.envelope.time
    if isinstance(event, NotificationPlanned):
        return MailView(
            id=event.notification_id,
            device_id=event.device_id,
            contact_id=event.contact_id,
            address_id=event.address_id,
            generation=event.generation,
            at=at,
        )
    return view and replace(view, status=_STATUS[type(event)], at=at)


MAILS = ReadModel("mails_v1", MailView, (Index("by_device", ("device_id", "at")),))

mail_projection = Projection(
    MAILS,
    dict.fromkeys((NotificationPlanned, *_STATUS), attrgetter("notification_id")),
    project_mail,
)
