"""One mail per request and address, sent at most once for sure, and never for a dead code."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.testing.spec import Spec
from schemas.notifier import (
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
    NotificationUncertain,
)
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
from services.notifier.domain.notification import (
    AttemptUnderWay,
    CodeExpired,
    NotificationOver,
    NotYetDue,
    notification,
)
from services.notifier.domain.state import Notification

ID = "n-1"
MAIL_ID = "<n-1@example.com>"
NINE = datetime(2025, 11, 21, 9, tzinfo=UTC)
LATER = NINE + timedelta(minutes=5)
EXPIRY = NINE + timedelta(days=7)

spec = Spec(notification)

plan = PlanNotification(
    notification_id=ID,
    request_id="r-1",
    activation_id="a-1",
    device_id="d-1",
    contact_id="c-1",
    address_id="e-1",
    generation=1,
    language="en",
    expires_at=EXPIRY,
)
planned = NotificationPlanned(
    notification_id=ID,
    request_id="r-1",
    activation_id="a-1",
    device_id="d-1",
    contact_id="c-1",
    address_id="e-1",
    generation=1,
    language="en",
    expires_at=EXPIRY,
)
attempt = AttemptNotification(ID, MAIL_ID, NINE)


def attempted(number: int) -> NotificationAttempted:
    return NotificationAttempted(notification_id=ID, attempt=number, message_id=MAIL_ID)


def sent(number: int) -> NotificationSent:
    return NotificationSent(notification_id=ID, attempt=number, message_id=MAIL_ID)


def deferred(number: int) -> NotificationDeferred:
    return NotificationDeferred(
        notification_id=ID, attempt=number, reason="patience", retry_at=LATER
    )


def uncertain(number: int) -> NotificationUncertain:
    return NotificationUncertain(notification_id=ID, attempt=number)


def failed(number: int) -> NotificationFailed:
    return NotificationFailed(notification_id=ID, attempt=number, code=550)


suppressed = NotificationSuppressed(notification_id=ID, reason="code_dead")


def test_a_plan_is_made_once() -> None:
    spec.when(plan).then(planned)
    spec.given(planned).when(plan).then_nothing()


def test_i19_of_two_who_want_to_send_at_once_only_one_may() -> None:
    spec.given(planned).when(attempt).then(attempted(1))
    spec.given(planned, attempted(1)).when(attempt).then_refused(AttemptUnderWay)


@pytest.mark.parametrize("end", [sent(1), failed(1)])
def test_i19_what_was_accepted_or_refused_for_good_is_not_sent_again(
    end: NotificationSent | NotificationFailed,
) -> None:
    spec.given(planned, attempted(1), end).when(attempt).then_refused(NotificationOver)


def test_i19_an_attempt_that_was_cut_off_is_made_up_for_once() -> None:
    once = (planned, attempted(1), uncertain(1))
    spec.given(*once).when(attempt).then(attempted(2))
    twice = (*once, attempted(2), uncertain(2))
    spec.given(*twice).when(attempt).then_refused(NotificationOver)


def test_i19_a_second_cut_counts_even_when_a_pause_lies_between() -> None:
    history = (planned, attempted(1), uncertain(1), deferred(2), attempted(3), uncertain(3))
    spec.given(*history).when(attempt).then_refused(NotificationOver)


def test_i20_no_attempt_is_made_once_the_code_has_expired() -> None:
    at_expiry = AttemptNotification(ID, MAIL_ID, EXPIRY)
    spec.given(planned).when(at_expiry).then_refused(CodeExpired)


def test_i20_a_mail_that_is_of_no_use_is_suppressed_with_the_reason() -> None:
    spec.given(planned).when(SuppressNotification(ID, "code_dead")).then(suppressed)
    spec.given(planned, suppressed).when(attempt).then_refused(NotificationOver)


def test_a_mail_that_may_have_been_sent_is_never_called_suppressed() -> None:
    command = SuppressNotification(ID, "expired")
    spec.given(planned, attempted(1)).when(command).then_nothing()
    spec.given(planned, attempted(1), uncertain(1)).when(command).then_nothing()
    spec.given(planned, attempted(1), sent(1)).when(command).then_nothing()


def test_a_deferred_mail_waits_until_it_is_due() -> None:
    early = AttemptNotification(ID, MAIL_ID, LATER - timedelta(seconds=1))
    spec.given(planned, deferred(1)).when(early).then_refused(NotYetDue)
    due = AttemptNotification(ID, MAIL_ID, LATER)
    spec.given(planned, deferred(1)).when(due).then(attempted(2))


def test_a_recipient_can_be_refused_before_the_mail_is_handed_over() -> None:
    spec.given(planned).when(FailNotification(ID, 1, 550)).then(failed(1))
    spec.given(planned).when(DeferNotification(ID, 1, "patience", LATER)).then(deferred(1))


def test_an_attempt_that_was_given_up_for_lost_may_still_report_that_it_succeeded() -> None:
    history = (planned, attempted(1), uncertain(1), attempted(2))
    spec.given(*history).when(ConfirmSent(ID, 1)).then(sent(1))
    spec.given(*history, sent(1)).when(ConfirmSent(ID, 2)).then_nothing()


@pytest.mark.parametrize(
    "command",
    [
        FailNotification(ID, 1, 550),
        DeferNotification(ID, 1, "patience", LATER),
        MarkUncertain(ID, 1),
        ConfirmSent(ID, 3),
    ],
)
def test_the_outcome_of_another_attempt_than_the_present_one_is_no_news(
    command: NotificationCommand,
) -> None:
    history = (planned, attempted(1), uncertain(1), attempted(2))
    spec.given(*history).when(command).then_nothing()


def test_once_a_mail_is_sent_no_other_outcome_changes_that() -> None:
    for command in (FailNotification(ID, 2, 550), DeferNotification(ID, 2, "patience", LATER)):
        spec.given(planned, attempted(1), sent(1)).when(command).then_nothing()


def test_only_an_attempt_under_way_can_be_uncertain() -> None:
    spec.given(planned).when(MarkUncertain(ID, 1)).then_nothing()


numbers = st.integers(1, 3)
outcomes: st.SearchStrategy[NotificationCommand] = st.one_of(
    st.just(plan),
    st.builds(ConfirmSent, st.just(ID), numbers),
    st.builds(FailNotification, st.just(ID), numbers, st.just(550)),
    st.builds(DeferNotification, st.just(ID), numbers, st.just("patience"), st.just(NINE)),
    st.builds(MarkUncertain, st.just(ID), numbers),
    st.just(SuppressNotification(ID, "code_dead")),
)
histories = st.lists(st.one_of(outcomes, st.just(attempt)), max_size=12)


@given(earlier=histories, command=outcomes)
def test_every_outcome_may_be_reported_twice(
    earlier: list[NotificationCommand], command: NotificationCommand
) -> None:
    spec.given_commands([plan, *earlier]).when(command).then_repeating_changes_nothing()


@given(earlier=histories)
def test_i19_no_history_holds_two_successes_or_three_cuts(
    earlier: list[NotificationCommand],
) -> None:
    state = spec.given_commands([plan, *earlier]).state
    assert state is not None
    assert state.uncertain <= 2
    if state.status == "sent":
        spec.given_commands([plan, *earlier]).when(attempt).then_refused(NotificationOver)


def test_a_planned_mail_knows_whom_and_what_it_is_for() -> None:
    spec.when(plan).then(planned)
    assert notification.fold([planned]) == Notification(
        activation_id="a-1",
        generation=1,
        device_id="d-1",
        contact_id="c-1",
        address_id="e-1",
        language="en",
        expires_at=EXPIRY,
    )


def test_the_attempt_under_way_is_the_one_that_was_accepted() -> None:
    spec.given(planned, attempted(1)).when(ConfirmSent(ID, 1)).then(sent(1))
    spec.given(planned, attempted(1)).when(ConfirmSent(ID, 2)).then_nothing()
