"""Staying signed in: heartbeats, lost connections, grace, limits, and a broker that was away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.testing.leases import MemoryLeases
from services.sessions.tokens import RefreshTokens
from tests.integration.call_centre import ADA, ALF, BEA, SUE, CallCentre, call_centre

LEASE = 45


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_b21_a_session_lives_by_its_heartbeats(here: CallCentre) -> None:
    await here.sign_in(ALF, stay_signed_in=False)
    await here.pass_time(5 * LEASE, ADA, ALF)
    assert here.events("SessionConnectionLost", "AgentSignedOut") == []


async def test_b23_i28_losing_the_connection_signs_out_who_does_not_stay_signed_in(
    here: CallCentre,
) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, "m1", stay_signed_in=False, desk_id=desk)
    await here.pass_time(LEASE, ADA)
    assert here.reasons() == ["connection_lost"]
    assert await here.beat(ALF) == [401]
    assert (await here.sign_in(BEA, "m1", desk_id=desk)).status_code == 201


async def test_b21_i28_a_kept_session_keeps_machine_and_desk_for_the_grace_time(
    here: CallCentre,
) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, "m1", desk_id=desk)
    await here.pass_time(LEASE + 290, ADA)
    assert (await here.live())[ALF]["connection"] == "lost"
    assert (await here.sign_in(BEA, "m1")).status_code == 409
    assert (await here.sign_in(BEA, "m2", desk_id=desk)).status_code == 409
    await here.pass_time(10, ADA)
    assert here.reasons() == ["grace_over"]
    assert (await here.sign_in(BEA, "m1", desk_id=desk)).status_code == 201


@pytest.mark.parametrize(("stays", "seconds"), [(False, LEASE), (True, LEASE + 300)])
async def test_b7_i25_lost_power_leaves_no_orphan(
    here: CallCentre, stays: bool, seconds: int
) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, "m1", desk_id=desk, stay_signed_in=stays)
    await here.send("PUT", "/session/acd-state", {"state": "available"}, ALF)
    await here.pass_time(seconds, ADA)
    assert set(await here.live()) == {ADA}
    assert len(here.events("DeskReleased")) == 1
    after = (await here.sign_in(BEA, "m1", desk_id=desk)).json()
    assert (after["desk"]["id"], after["acd_state"]) == (desk, None)


async def test_b21_who_comes_back_in_time_has_the_session_as_it_was(here: CallCentre) -> None:
    desk = await here.desk()
    session = (await here.sign_in(ALF, desk_id=desk)).json()["session_id"]
    await here.pass_time(LEASE + 200, ADA)
    assert await here.beat(ALF) == [204]
    live = (await here.live())[ALF]
    assert (live["session_id"], live["connection"], live["desk"]["id"]) == (
        session,
        "connected",
        desk,
    )
    await here.pass_time(400, ADA, ALF)
    assert here.reasons() == []


async def test_b21_signing_in_again_takes_a_lost_session_up(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.pass_time(LEASE + 100, ADA)
    assert (await here.sign_in(ALF)).status_code == 200
    assert len(here.events("SessionResumed")) == 1
    await here.pass_time(300, ADA, ALF)
    assert here.reasons() == []


async def test_b21_refreshing_a_token_is_a_sign_of_life(here: CallCentre) -> None:
    token = (await here.sign_in(ALF, "m1")).json()["refresh_token"]
    await here.pass_time(LEASE + 100, ADA)
    body = {"refresh_token": token, "machine_id": "m1"}
    assert (await here.send("POST", "/sign-in/refresh", body, None)).status_code == 200
    assert (await here.live())[ALF]["connection"] == "connected"


async def test_the_grace_time_is_the_policys(here: CallCentre) -> None:
    await here.policy(grace_seconds=20)
    await here.sign_in(ALF)
    await here.pass_time(LEASE + 20, ADA)
    assert here.reasons() == ["grace_over"]


async def test_a_grace_time_of_nothing_ends_the_session_at_once(here: CallCentre) -> None:
    await here.policy(grace_seconds=0)
    await here.sign_in(ALF)
    await here.pass_time(LEASE + 5, ADA)
    assert here.reasons() == ["grace_over"]


async def test_a_paused_client_cannot_act_although_nobody_has_noticed_yet(here: CallCentre) -> None:
    desk = await here.desk()
    await here.sign_in(ALF, stay_signed_in=False)
    await here.pass_time(0)
    here.clock.now += timedelta(seconds=LEASE)
    assert (await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)).status_code == 401
    assert here.reasons() == ["connection_lost"]
    assert here.events("DeskAssociated") == []
    await here.ring()
    assert here.reasons().count("connection_lost") == 1


async def test_after_a_broker_outage_renewals_win_for_one_lease(here: CallCentre) -> None:
    await here.sign_in(ALF, stay_signed_in=False)
    here.clock.now += timedelta(seconds=3 * LEASE)
    here.leases.steady_seconds = 1.0
    assert await here.beat(ALF) == [204]
    await here.ring()
    assert ALF in await here.live()


async def test_a_lease_that_ended_and_was_held_again_signs_nobody_out(here: CallCentre) -> None:
    await here.sign_in(ALF)
    here.clock.now += timedelta(seconds=LEASE)
    ends = here.leases.ends()
    assert await here.beat(ALF) == [204]
    assert here.service.expiry
    for key, revision in ends:
        await here.service.expiry.ended(key, revision)
    assert [e["session_id"] for e in here.events("SessionConnectionLost")] == [
        (await here.live())[ADA]["session_id"]
    ]


async def test_the_end_of_a_lease_may_be_told_twice(here: CallCentre) -> None:
    await here.sign_in(ALF)
    here.clock.now += timedelta(seconds=LEASE)
    assert here.service.expiry
    ends = here.leases.ends()
    for key, revision in ends + ends:
        await here.service.expiry.ended(key, revision)
    assert len(here.events("SessionConnectionLost")) == 2  # ada and alf, once each


async def test_who_is_signed_out_is_told_why(here: CallCentre) -> None:
    desk = await here.desk(max_hours=0.05)
    await here.policy(second_sign_in="takeover")
    for reason, ending in {
        "user": here.send("POST", "/sign-out", who=ALF),
        "takeover": here.sign_in(ALF, "m2"),
        "forced": here.send("DELETE", "/sessions"),
        "limit": here.pass_time(180, ADA),
        "desk_withdrawn": here.send("DELETE", f"/desks/{desk}"),
    }.items():
        signed_in = (await here.sign_in(ALF, reason, desk_id=desk)).json()
        here.tokens["then"] = signed_in["access_token"]
        await ending
        body = {"refresh_token": signed_in["refresh_token"], "machine_id": reason}
        for answer in (
            await here.send("PUT", "/session/heartbeat", who="then"),
            await here.send("GET", "/session", who="then"),
            await here.send("POST", "/sign-in/refresh", body, None),
        ):
            assert (answer.status_code, answer.json()["reason"]) == (401, reason)
            assert answer.json()["type"] == "/problems/session-over"


async def test_the_machine_is_told_why_also_when_the_token_is_forgotten(here: CallCentre) -> None:
    signed_in = (await here.sign_in(ALF, "m1")).json()
    await here.send("DELETE", "/sessions")
    tokens: RefreshTokens = here.service.dependencies["refresh_tokens"]
    await tokens.forget(here.organization_id, signed_in["session_id"])
    reasons = []
    for machine in ("m1", "m2"):
        body = {"refresh_token": signed_in["refresh_token"], "machine_id": machine}
        answer = await here.send("POST", "/sign-in/refresh", body, None)
        assert answer.status_code == 401
        reasons.append(answer.json().get("reason"))
    assert reasons == ["forced", None]


async def test_a_session_ends_after_its_longest_time(here: CallCentre) -> None:
    await here.policy(max_session_hours=0.1)
    answer = await here.sign_in(ALF)
    assert answer.json()["ends_at"] == "2026-05-03T12:06:00Z"
    await here.pass_time(355, ADA, ALF)
    assert here.reasons() == []
    await here.pass_time(5, ADA)
    assert here.reasons() == ["limit"]


async def test_a_desk_has_a_longest_time_of_its_own(here: CallCentre) -> None:
    desk = await here.desk(max_hours=0.05)
    await here.sign_in(ALF)
    answer = await here.send("PUT", "/session/desk", {"desk_id": desk}, ALF)
    assert answer.json()["ends_at"] == "2026-05-03T12:03:00Z"
    await here.pass_time(180, ADA)
    assert here.reasons() == ["limit"]


async def test_who_leaves_the_desk_in_time_stays_signed_in(here: CallCentre) -> None:
    await here.policy(max_session_hours=0.1)
    desk = await here.desk(max_hours=0.05)
    await here.sign_in(ALF, desk_id=desk)
    await here.send("DELETE", "/session/desk", who=ALF)
    await here.pass_time(300, ADA, ALF)
    assert here.reasons() == []
    await here.pass_time(60, ADA)
    assert here.reasons() == ["limit"]


async def test_a_session_that_never_was_is_not_missed(here: CallCentre) -> None:
    await here.sign_in(ALF, "m1")
    await here.sign_in(BEA, "m1")
    await here.leases.hold("session.nowhere.nobody", 5)
    await here.pass_time(2 * LEASE, ADA, ALF)
    assert here.reasons() == []


async def test_heartbeats_never_enter_the_log(here: CallCentre) -> None:
    await here.sign_in(SUE)
    before = len(here.store.all())
    assert await here.beat(SUE, SUE, SUE) == [204, 204, 204]
    assert len(here.store.all()) == before


async def test_b21_beats_of_several_tabs_at_once_are_all_heard(
    here: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = MemoryLeases.hold

    async def overtaken(
        self: MemoryLeases, key: str, seconds: float, *, revision: int | None = None
    ) -> None:
        await hold(self, key, seconds)
        await hold(self, key, seconds, revision=revision)

    await here.sign_in(ALF)
    monkeypatch.setattr(MemoryLeases, "hold", overtaken)
    assert await here.beat(ALF) == [204]
