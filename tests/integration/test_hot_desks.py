"""Hot desks: statements B3 to B8 of the mission, invariants I23 to I25."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.provisioning import DeviceDeactivated, DeviceRemoved
from tests.integration.call_centre import ADA, ALF, BEA, SUE, CallCentre, call_centre

LEASE, GRACE = 45, 300
ENDS = {
    "sign out": "user",
    "forced": "forced",
    "leave": "left",
    "removed": "forced",
    "takeover": "takeover",
    "connection lost": "connection_lost",
    "grace over": "grace_over",
    "limit": "limit",
}
"""What ends an association, and the reason that stands in the log."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_b3_b5_an_agent_sits_down_at_sign_in_and_the_device_has_the_agents_numbers(
    here: CallCentre,
) -> None:
    desk = await here.desk("12", "d12")
    await here.numbers(ALF, "a1", "a2")
    answer = await here.sign_in(ALF, desk_id=desk)
    assert answer.json()["desk"] == {"id": desk, "name": "12"}
    (associated,) = here.events("DeskAssociated")
    assert associated["device_id"] == "d12"
    assert associated["sip_account_ids"] == ["a1", "a2"]
    signed_in = here.events("AgentSignedIn")[-1]
    assert signed_in["desk_id"] == desk


async def test_b3_i23_a_desk_can_be_taken_later_and_another_in_one_step(here: CallCentre) -> None:
    first, second = await here.desk("1", "d1"), await here.desk("2", "d2")
    await here.sign_in(ALF)
    for desk in (first, second):
        answer = await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)
        assert (answer.status_code, answer.json()["desk"]["id"]) == (200, desk)
    (left,) = here.events("DeskReleased")
    assert (left["desk_id"], left["reason"]) == (first, "moved")
    assert (await here.sign_in(BEA, desk_id=first)).status_code == 201


async def test_sitting_down_where_one_sits_changes_nothing(here: CallCentre) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, desk_id=desk)
    assert (await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)).status_code == 200
    assert len(here.events("DeskAssociated", "DeskReleased")) == 1


async def test_b4_i24_only_desks_that_are_meant_for_guests_are_taken(here: CallCentre) -> None:
    desk = await here.desk(hot_desk=False)
    refused = await here.sign_in(ALF, desk_id=desk)
    assert refused.status_code == 409
    assert [e["event"] for e in here.events("AgentSignedIn", "SignInRefused")] == [
        "AgentSignedIn",
        "SignInRefused",
    ]
    await here.sign_in(ALF)
    assert (await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)).status_code == 409


async def test_b4_i23_i24_a_taken_desk_is_refused(here: CallCentre) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, desk_id=desk)
    assert (await here.sign_in(BEA, desk_id=desk)).status_code == 409
    assert (await here.sign_in(BEA)).status_code == 201
    assert (await here.send("PUT", "/session/desk", {"desk_id": desk}, BEA)).status_code == 409


async def test_i24_only_agents_sit_at_hot_desks(here: CallCentre) -> None:
    desk = await here.desk()
    assert (await here.sign_in(SUE, desk_id=desk)).status_code == 409
    await here.sign_in(SUE)
    assert (await here.send("PUT", "/session/desk", {"desk_id": desk}, SUE)).status_code == 403


async def test_b4_agents_see_which_desks_are_free_and_supervisors_who_sits_there(
    here: CallCentre,
) -> None:
    taken, _ = await here.desk("1", "d1"), await here.desk("2", "d2")
    await here.desk("3", "d3", hot_desk=False)
    await here.sign_in(SUE)
    await here.sign_in(BEA, desk_id=taken)
    await here.sign_in(ALF)

    async def shown(who: str) -> list[tuple[bool, str | None]]:
        return [(one["taken"], one["guest"]) for one in (await here.get("/desks", who))["items"]]

    assert await shown(ALF) == [(True, None), (False, None), (False, None)]
    assert await shown(SUE) == await shown(ADA) == [(True, BEA), (False, None), (False, None)]


async def test_a_desk_that_does_not_exist_refuses_the_whole_sign_in(here: CallCentre) -> None:
    assert (await here.sign_in(ALF, desk_id="nowhere")).status_code == 409
    await here.sign_in(ALF)
    assert (await here.send("PUT", "/session/desk", {"desk_id": "nowhere"}, ALF)).status_code == 404


@pytest.mark.parametrize("end", ENDS)
async def test_b7_i25_the_association_ends_with_the_session(here: CallCentre, end: str) -> None:
    desk = await here.desk(max_hours=0.5)
    stays = end != "connection lost"
    signed_in = await here.sign_in(ALF, "m1", desk_id=desk, stay_signed_in=stays)
    session = signed_in.json()["session_id"]
    match end:
        case "sign out":
            await here.send("POST", "/sign-out", who=ALF)
        case "forced":
            await here.send("DELETE", f"/sessions/{session}")
        case "leave":
            await here.send("DELETE", "/session/desk", who=ALF)
        case "removed":
            await here.send("DELETE", f"/users/{ALF}")
        case "takeover":
            await here.policy(second_sign_in="takeover")
            await here.sign_in(ALF, "m2")
        case "connection lost":
            await here.pass_time(LEASE, ADA)
        case "grace over":
            await here.pass_time(LEASE + GRACE, ADA)
        case "limit":
            await here.pass_time(1795, ADA, ALF)
            assert here.events("DeskReleased") == []
            await here.pass_time(5, ADA)
    (released,) = here.events("DeskReleased")
    assert released["reason"] == ENDS[end]
    assert (await here.sign_in(BEA, desk_id=desk)).status_code == 201


async def test_i25_the_release_comes_before_the_sign_out_in_one_step(here: CallCentre) -> None:
    await here.sign_in(ALF, desk_id=await here.desk())
    await here.send("POST", "/sign-out", who=ALF)
    last = here.store.all()[-2:]
    assert [r.event.short_name for r in last] == ["DeskReleased", "AgentSignedOut"]
    assert len({r.envelope.causationid for r in last}) == 1


@pytest.mark.parametrize("how", ["withdrawn", "closed"])
async def test_b7_i25_a_desk_that_is_taken_away_signs_its_guest_out(
    here: CallCentre, how: str
) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, desk_id=desk)
    if how == "withdrawn":
        assert (await here.send("DELETE", f"/desks/{desk}")).status_code == 204
    else:
        answer = await here.send("PATCH", f"/desks/{desk}", {"hot_desk": False})
        assert answer.status_code == 200
    assert here.reasons() == ["desk_withdrawn"]
    assert await here.beat(ALF) == [401]
    assert (await here.sign_in(BEA, desk_id=desk)).status_code == 409


@pytest.mark.parametrize(
    "gone",
    [DeviceRemoved(device_id="d12"), DeviceDeactivated(device_id="d12", reason="lost")],
    ids=["removed", "deactivated"],
)
async def test_i25_a_device_that_goes_takes_its_desk_and_signs_the_guest_out(
    here: CallCentre, gone: DeviceRemoved | DeviceDeactivated
) -> None:
    desk = await here.desk("12", "d12")
    await here.sign_in(ALF, desk_id=desk)
    await here.happens(gone)
    assert here.reasons() == ["desk_withdrawn"]
    assert [e["desk_id"] for e in here.events("DeskReleased", "DeskWithdrawn")] == [desk, desk]
    assert (await here.get("/desks"))["items"] == []
    assert await here.beat(ALF) == [401]


async def test_a_device_without_a_desk_goes_and_nobody_cares(here: CallCentre) -> None:
    await here.desk("12", "d12")
    await here.happens(DeviceRemoved(device_id="d13"))
    assert here.events("DeskWithdrawn") == []


async def test_a_late_deactivation_leaves_a_desk_that_was_set_up_since(here: CallCentre) -> None:
    await here.desk("12", "d12")
    gone = DeviceDeactivated(device_id="d12", reason="lost")
    await here.happens(gone)
    (first,) = here.provisioning.record(gone)
    here.clock.now += timedelta(seconds=1)
    await here.send("POST", "/desks", {"name": "12", "device_id": "d12", "hot_desk": True})
    await here.service.reactions[DeviceDeactivated](first)
    assert len(here.events("DeskWithdrawn")) == 1


async def test_a_desk_may_be_opened_again(here: CallCentre) -> None:
    desk = await here.desk(hot_desk=False)
    await here.send("PATCH", f"/desks/{desk}", {"hot_desk": True})
    assert (await here.sign_in(ALF, desk_id=desk)).status_code == 201


async def test_a_device_stands_at_one_desk(here: CallCentre) -> None:
    desk = await here.desk("1", "d1")
    body = {"name": "2", "device_id": "d1", "hot_desk": True}
    assert (await here.send("POST", "/desks", body)).status_code == 409
    await here.send("DELETE", f"/desks/{desk}")
    assert (await here.send("POST", "/desks", body)).status_code == 201


async def test_a_desk_gets_another_device_when_nobody_sits_there(here: CallCentre) -> None:
    desk, other = await here.desk("1", "d1"), await here.desk("2", "d2")
    await here.send("DELETE", f"/desks/{other}")
    await here.sign_in(ALF, desk_id=desk)
    change = {"device_id": "d2"}
    assert (await here.send("PATCH", f"/desks/{desk}", change)).status_code == 409
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.send("PATCH", f"/desks/{desk}", change)).json()["device_id"] == "d2"
    body = {"name": "3", "device_id": "d1", "hot_desk": True}
    assert (await here.send("POST", "/desks", body)).status_code == 201


async def test_a_desk_needs_a_device_that_exists(
    here: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sessions.references.PAUSES_SECONDS", ())
    answer = await here.send("POST", "/desks", {"name": "1", "device_id": "nothing"})
    assert answer.json()["errors"][0]["field"] == "device_id"


async def test_agents_see_the_desks_and_administrators_set_them_up(here: CallCentre) -> None:
    desk = await here.desk("12", "d12", max_hours=8)
    await here.sign_in(ALF)
    shown = {"id": desk, "name": "12", "device_id": "d12", "hot_desk": True, "max_hours": 8.0}
    free = {**shown, "taken": False, "guest": None}
    assert (await here.get("/desks", ALF))["items"] == [free]
    assert await here.get(f"/desks/{desk}", ADA) == shown
    await here.send("DELETE", f"/desks/{desk}")
    assert (await here.get("/desks", ALF))["items"] == []
    assert (await here.send("GET", f"/desks/{desk}")).status_code == 404
    assert (await here.send("PATCH", f"/desks/{desk}", {"name": "x"})).status_code == 404
    assert (await here.send("DELETE", f"/desks/{desk}")).status_code == 404
