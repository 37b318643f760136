"""What becomes of the mails with a code: the notifier's facts, folded."""

from datetime import UTC, datetime

import pytest

from chassis.testing.foreign_log import ForeignLog
from schemas.event import Event
from schemas.notifier import (
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)
from services.activation.mails import MailView, project_mail

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
PLANNED = NotificationPlanned(
    notification_id="n1",
    request_id="r1",
    activation_id="d1",
    device_id="d1",
    contact_id="c1",
    address_id="e1",
    generation=2,
    language="de",
    expires_at=NOON,
)


def fold(*events: Event) -> MailView | None:
    view: MailView | None = None
    for recorded in ForeignLog(clock=lambda: NOON).record(*events):
        view = project_mail(view, recorded)
    return view


def test_a_planned_mail_is_known_by_device_and_address() -> None:
    assert fold(PLANNED) == MailView("n1", "d1", "c1", "e1", 2, NOON, "planned")


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (NotificationSent(notification_id="n1", attempt=1, message_id="<n1@x>"), "sent"),
        (
            NotificationDeferred(notification_id="n1", attempt=1, reason="busy", retry_at=NOON),
            "deferred",
        ),
        (NotificationFailed(notification_id="n1", attempt=1, code=550), "failed"),
        (NotificationUncertain(notification_id="n1", attempt=1), "uncertain"),
        (NotificationSuppressed(notification_id="n1", reason="expired"), "suppressed"),
    ],
)
def test_what_was_heard_of_a_mail_last_is_its_status(fact: Event, status: str) -> None:
    view = fold(PLANNED, fact)
    assert view is not None
    assert (view.id, view.status) == ("n1", status)
    assert fold(fact) is None
