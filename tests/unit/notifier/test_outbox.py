"""Nobody is flooded, and a mail server that refuses us is left alone while somebody is told."""

import re
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from chassis.event_store import Recorded
from chassis.reactions import RetryLater
from chassis.workers.attempts import MAX_DELIVERIES
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.mailer import MailPutOff, MailRefused, MailServerClosed
from tests.unit.notifier.scene import CONTACT, EXPIRY, PostOffice, Scene, scene


def shown(here: Scene, name: str, **labels: str) -> float | None:
    registry: CollectorRegistry = here.registry
    return registry.get_sample_value(f"switchboard_mails_{name}", labels)


async def test_while_the_mail_server_refuses_us_no_mail_is_tried_and_no_code_asked_for() -> None:
    office = PostOffice([MailServerClosed("it wants us to sign in (530)")])
    here = await scene(office)
    requested = here.requested("e-work", "e-home")
    with capture_logs() as logs:
        assert await here.react(requested) == here.settings.hold_seconds
    assert [one["event"] for one in logs if one["log_level"] == "error"] == [
        "mail_server_does_not_serve_us"
    ]
    assert (office.connections, len(here.asked)) == (1, 1)
    assert shown(here, "held") == 1
    here.now += timedelta(seconds=here.settings.hold_seconds / 2)
    assert await here.react(requested) == here.settings.hold_seconds / 2
    assert office.connections == 1
    here.now += timedelta(seconds=here.settings.hold_seconds / 2)
    assert shown(here, "held") == 1
    assert await here.react(requested) is None
    assert (len(office.accepted), shown(here, "held")) == (2, 0)


async def test_a_mail_held_for_days_is_kept_until_its_code_has_expired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Making hundreds of mails that nobody gets would take half a minute.
    monkeypatch.setattr("services.notifier.delivery.compose", lambda *_: {"Message-ID": "<x@y>"})
    here = await scene(PostOffice([MailServerClosed("closed")] * 10_000))
    pauses = await here.settle(here.requested(), most=MAX_DELIVERIES - 1)
    assert here.log() == ["Planned", "Suppressed"]
    assert EXPIRY <= here.now <= EXPIRY + timedelta(hours=2)
    assert pauses[0] == here.settings.hold_seconds


async def test_what_became_of_mails_is_counted() -> None:
    here = await scene(PostOffice([MailPutOff("patience"), None]))
    await here.react(here.requested("e-work", "e-home"))
    assert shown(here, "total", outcome="sent") == 1
    assert shown(here, "total", outcome="deferred") == 1


async def test_one_address_gets_no_more_than_so_many_mails_an_hour() -> None:
    office = PostOffice()
    here = await scene(office, most_per_recipient=2)
    first, second, third = (here.requested(request_id=f"r-{number}") for number in range(3))
    assert await here.react(first) is None
    here.now += timedelta(minutes=1)
    assert await here.react(second) is None
    assert await here.react(third) == pytest.approx(59 * 60)
    assert len(office.accepted) == 2
    here.now += timedelta(minutes=59)
    assert await here.react(third) is None
    assert here.log().count("Sent") == 3


async def test_the_same_address_written_differently_is_one_address() -> None:
    here = await scene(PostOffice(), most_per_recipient=1)
    home = CONTACT.emails[1].model_copy(update={"address": "ADA@example.com"})
    await here.know(CONTACT.model_copy(update={"emails": (CONTACT.emails[0], home)}))
    assert await here.react(here.requested("e-work", "e-home")) == pytest.approx(3600)


async def test_one_organization_sends_no_more_than_so_many_mails_a_minute() -> None:
    here = await scene(PostOffice(), most_per_organization=1)
    assert await here.react(here.requested("e-work", "e-home")) == pytest.approx(60)


async def test_limits_hold_over_all_workers_and_restarts() -> None:
    here = await scene(PostOffice(), most_per_organization=1)
    assert await here.react(here.requested("e-work")) is None
    second, another = here.requested(request_id="r-2"), here.fresh_service()
    assert await here.react(second, another) == pytest.approx(60)
    here.now += timedelta(seconds=60)
    assert await here.react(second, here.fresh_service()) is None
    assert here.log().count("Sent") == 2


async def test_a_mail_that_was_never_handed_over_uses_up_no_limit() -> None:
    refusals = [MailPutOff("away"), MailServerClosed("closed"), MailRefused(550), None]
    here = await scene(PostOffice([*refusals]), most_per_recipient=1, most_attempts=9)
    for number in range(len(refusals)):
        here.now += timedelta(minutes=5)
        await here.react(here.requested("e-work", request_id=f"r-{number}"))
    assert here.log().count("Sent") == 1


async def test_those_who_wait_for_a_limit_come_back_one_windowful_after_the_other() -> None:
    here = await scene(PostOffice(), most_per_recipient=2)
    planned = [await _plan(here, number) for number in range(7)]
    waits = [await _pause(here, one) for one in planned]
    assert [round(wait / 3600) for wait in waits] == [0, 0, 1, 1, 2, 2, 3]


async def test_no_address_is_readable_where_mails_are_counted() -> None:
    here = await scene(PostOffice())
    await here.react(here.requested("e-work"))
    keys = list(here.counters._counts)
    assert len(keys) == 2
    assert all(re.fullmatch(r"(to|of)\.\d+\.[0-9a-f]{64}", key) for key in keys)


async def _plan(here: Scene, number: int) -> Recorded:
    await here.service.reactions[ActivationRequested](here.requested(request_id=f"r-{number}"))
    return here.planned()[-1]


async def _pause(here: Scene, planned: Recorded) -> float:
    try:
        await here.service.reactions[NotificationPlanned](planned)
    except RetryLater as later:
        return later.seconds
    return 0.0
