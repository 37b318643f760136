"""What administrators learn about a device's codes afterwards, and what a device once was."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.tokens import AGENT
from schemas.notifier import NotificationFailed, NotificationPlanned, NotificationSent
from schemas.provisioning import (
    DeviceDeactivated,
    DeviceRemoved,
    SipAccountAdded,
    SipAccountSecretSet,
)
from services.activation.domain.dead_codes import MOST_TRIES_NOTED
from services.activation.trail import MAILS_A_PAGE
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    BLANK,
    PASSWORD,
    SECRET,
    STRANGER,
    WORK,
    Installation,
    revision,
)

pytest_plugins = ["tests.integration.activation_fixtures"]

CONFIGURATION = "/api/v1/devices/d1/configuration"


async def steps(here: Installation) -> list[dict[str, Any]]:
    answer = await here.get(f"{ACTIVATION}/trail")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["steps"]
    return found


def planned(notification_id: str, address_id: str) -> NotificationPlanned:
    return NotificationPlanned.model_validate(
        {
            "notification_id": notification_id,
            "request_id": "r1",
            "activation_id": "d1",
            "device_id": "d1",
            "contact_id": "c1",
            "address_id": address_id,
            "generation": 1,
            "language": "de",
            "expires_at": "2026-05-10T12:00:00Z",
        }
    )


async def test_d6_the_trail_tells_issued_viewed_requested_mailed_tried_used_in_order(
    here: Installation,
) -> None:
    here.clock.forward(minutes=1)
    code = await here.code()
    here.clock.forward(minutes=1)
    await here.post(f"{ACTIVATION}/instructions")
    here.clock.forward(minutes=1)
    mails = ForeignLog(clock=here.clock).record(
        planned("n1", "e-work"),
        NotificationSent(notification_id="n1", attempt=1, message_id="<n1@x>"),
        planned("n2", "e-gone"),
        NotificationFailed(notification_id="n2", attempt=1, code=550),
    )
    await project(here.service.projections, here.read_models, mails)
    here.clock.forward(minutes=1)
    await here.activate(code, client={"name": "Softphone"})
    here.clock.forward(minutes=1)
    await here.activate(code, "another phone")
    told = await steps(here)
    assert [step["what"] for step in told] == [
        "issued",
        "viewed",
        "requested",
        "mailed",
        "mailed",
        "used",
        "tried",
    ]
    assert told[1]["by"] == told[2]["by"] == "ada"
    assert [(s["detail"], s["address"]) for s in told[3:5]] == [("sent", WORK), ("failed", None)]
    assert told[5]["client"]["name"] == "Softphone"
    assert told[6]["detail"] == "used"
    assert [step["at"] for step in told] == sorted(step["at"] for step in told)


async def test_d6_the_trail_tells_every_mail_however_many_there_were(here: Installation) -> None:
    recorded = ForeignLog(clock=here.clock).record(
        *(planned(f"n{number}", "e-work") for number in range(MAILS_A_PAGE + 5))
    )
    await project(here.service.projections, here.read_models, recorded)
    mailed = [step for step in await steps(here) if step["what"] == "mailed"]
    assert len(mailed) == MAILS_A_PAGE + 5
    assert {step["address"] for step in mailed} == {WORK}


async def test_a_trail_holds_no_code_and_no_network_address(here: Installation) -> None:
    code = await here.code()
    await here.activate(code)
    await here.activate(code, "another phone")
    trail = (await here.get(f"{ACTIVATION}/trail")).text
    log = "".join(recorded.envelope.model_dump_json() for recorded in here.store.all())
    for secret in (code, code.replace("-", ""), "127.0.0.1", "testclient"):
        assert secret not in trail
        assert secret not in log


async def test_tries_of_every_kind_of_dead_code_are_told_with_their_reason(
    here: Installation,
) -> None:
    first = await here.code()
    second = (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    await here.activate(first)
    here.clock.forward(days=7)
    await here.activate(second)
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), followed=False)
    third = (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    await here.activate(third)
    tried = [step for step in await steps(here) if step["what"] == "tried"]
    found = [(step["generation"], step["detail"]) for step in tried]
    assert found == [(1, "revoked"), (2, "expired"), (3, "inactive")]
    assert len({step["source"] for step in tried}) == 1


async def test_codes_of_nobody_leave_no_trace(here: Installation) -> None:
    before = len(here.store.all())
    await here.activate("BCDF-GHJK-LMNP")
    assert len(here.store.all()) == before


async def test_whoever_tries_a_dead_code_for_ever_cannot_fill_the_log(here: Installation) -> None:
    code = await here.code()
    await here.activate(code)
    for _ in range(MOST_TRIES_NOTED + 5):
        here.clock.forward(minutes=1)
        assert (await here.activate(code, "another phone")).status_code == 404
    assert len(here.events("ActivationCodeTried")) == MOST_TRIES_NOTED


async def test_i18_an_expired_code_is_told_as_expired_whether_anybody_noticed_or_not(
    here: Installation,
) -> None:
    here.clock.forward(days=7)
    unnoticed = await steps(here)
    assert [s["what"] for s in unnoticed] == ["issued", "expired"]
    assert unnoticed[-1]["at"] == "2026-05-10T12:00:00Z"
    here.clock.forward(days=1)
    assert (await here.get(ACTIVATION)).json()["status"] == "expired"
    noticed = await steps(here)
    assert [s["what"] for s in noticed] == ["issued", "expired", "viewed"]
    assert noticed[1]["at"] == "2026-05-10T12:00:00Z"
    assert len(here.events("ActivationCodeExpired")) == 1


async def test_a_code_that_expired_before_it_was_replaced_is_told_so(here: Installation) -> None:
    here.clock.forward(days=8)
    await here.post(f"{ACTIVATION}/reissue")
    told = [(s["what"], s["generation"]) for s in await steps(here)]
    assert ("expired", 1) in told
    assert ("expired", 2) not in told


async def test_a_device_whose_code_has_expired_can_still_be_deactivated(
    here: Installation,
) -> None:
    here.clock.forward(days=8)
    await here.get(ACTIVATION)
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"))
    assert (await here.get(ACTIVATION)).json()["status"] == "revoked"


@pytest.mark.parametrize("path", [f"{ACTIVATION}/trail", f"{CONFIGURATION}/difference"])
async def test_the_past_is_for_the_administrators_of_its_organization(
    here: Installation, path: str
) -> None:
    query = "?since=2026-05-03T12:00:00Z"
    assert (await here.get(path + query, STRANGER)).status_code == 404
    assert (await here.get(path + query, AGENT)).status_code == 403
    assert (await here.client.get(path + query)).status_code == 401


# Configurations of the past.


async def test_d2_a_configuration_is_shown_as_of_any_moment(here: Installation) -> None:
    here.clock.forward(hours=1)
    moved = ACCOUNT.model_copy(update={"username": "2002", "protocol": "tcp"})
    await here.happens(moved, SECRET, revision(2))
    here.clock.forward(hours=1)
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), revision(3))
    then = [
        (await here.get(f"{CONFIGURATION}?at=2026-05-03T{at}:00Z")).json()
        for at in ("12:30", "13:30", "14:30")
    ]
    assert [one["revision"] for one in then] == [1, 2, 3]
    assert [one["accounts"][0].get("username") for one in then] == ["1001", "2002", None]
    assert then[2]["accounts"] == BLANK
    assert then[0]["accounts"][0]["password"] == "********"
    assert PASSWORD not in str(then)


async def test_d2_a_past_configuration_comes_in_every_format(here: Installation) -> None:
    answer = await here.get(f"{CONFIGURATION}?at=2026-05-03T12:00:00Z&format=linphone")
    assert answer.headers["content-type"].startswith("application/xml")
    assert '"passwd" overwrite="true">********<' in answer.text


async def test_there_is_no_configuration_before_the_device_or_after_it(here: Installation) -> None:
    here.clock.forward(hours=1)
    await here.happens(DeviceRemoved(device_id="d1"))
    moments = {"11:59": 404, "12:00": 200, "13:00": 404}
    for at, status in moments.items():
        answer = await here.get(f"{CONFIGURATION}?at=2026-05-03T{at}:00Z")
        assert answer.status_code == status, at


async def test_a_moment_without_a_zone_is_not_guessed_at(here: Installation) -> None:
    answer = await here.get(f"{CONFIGURATION}?at=2026-05-03T12:00:00")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "at"


async def test_d2_the_difference_of_two_moments_names_every_field_that_changed(
    here: Installation,
) -> None:
    before = here.clock() + timedelta(minutes=1)
    here.clock.forward(hours=1)
    second = SipAccountAdded.model_validate(
        ACCOUNT.model_dump() | {"sip_account_id": "a1", "username": "2002"}
    )
    changed = SipAccountSecretSet.model_validate(SECRET.model_dump() | {"secret_version": 2})
    await here.happens(second, changed, revision(2))
    query = f"?since={before:%Y-%m-%dT%H:%M:%SZ}"
    answer = await here.get(f"{CONFIGURATION}/difference{query}")
    assert answer.json()["changes"] == [
        {"slot": None, "field": "revision", "before": 1, "after": 2},
        {"slot": 1, "field": "username", "before": "1001", "after": "2002"},
        {"slot": 1, "field": "password", "before": "********", "after": "********"},
    ]


async def test_between_two_equal_moments_nothing_changed(here: Installation) -> None:
    query = "?since=2026-05-03T12:00:00Z&until=2026-05-03T12:00:00Z"
    answer = await here.get(f"{CONFIGURATION}/difference{query}")
    assert answer.json()["changes"] == []
