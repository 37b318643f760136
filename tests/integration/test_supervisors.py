"""Supervisors over HTTP: who is there, signing others out, calls, and questions to the past."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.provisioning import SipAccountChanged, SipAccountRemoved
from tests.integration.call_centre import ADA, ALF, BEA, SUE, CallCentre, call_centre


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_a_supervisor_sees_who_is_there(here: CallCentre) -> None:
    desk = await here.desk("12", "d12")
    await here.sign_in(SUE)
    session = (await here.sign_in(ALF, desk_id=desk, language="de")).json()["session_id"]
    items = (await here.get("/sessions", SUE))["items"]
    assert {item["user_id"] for item in items} == {ADA, SUE, ALF}
    (alf,) = [item for item in items if item["user_id"] == ALF]
    del alf["machine_id"]
    assert alf == {
        "session_id": session,
        "user_id": ALF,
        "role": "agent",
        "signed_in_at": "2026-05-03T12:00:00Z",
        "stay_signed_in": True,
        "connection": "connected",
        "lost_since": None,
        "desk": {"id": desk, "name": "12"},
        "acd_state": None,
        "acd_since": None,
        "language": "de",
    }


async def test_a_forced_sign_out_names_who_did_it(here: CallCentre) -> None:
    await here.sign_in(SUE)
    session = (await here.sign_in(ALF)).json()["session_id"]
    assert (await here.send("DELETE", f"/sessions/{session}", who=SUE)).status_code == 204
    assert (await here.send("DELETE", f"/sessions/{session}", who=SUE)).status_code == 204
    assert await here.beat(ALF) == [401]
    assert (await here.send("GET", "/session", who=ALF)).status_code == 401
    (past,) = (await here.get("/sessions/history", SUE))["items"]
    assert (past["user_id"], past["reason"], past["by"]) == (ALF, "forced", SUE)


async def test_the_past_is_listed_of_everybody_or_of_one_or_of_a_time(here: CallCentre) -> None:
    await here.sign_in(SUE)
    for who in (ALF, BEA, ALF):
        await here.sign_in(who)
        await here.pass_time(60, ADA, SUE, who)
        await here.send("POST", "/sign-out", who=who)

    async def past(query: str = "") -> list[str]:
        items = (await here.get(f"/sessions/history{query}", SUE))["items"]
        return [item["user_id"] for item in items]

    assert await past() == [ALF, BEA, ALF]
    assert await past(f"?user_id={ALF}") == [ALF, ALF]
    assert await past(f"?user_id={ALF}&since=2026-05-03T12:01:00Z") == [ALF]
    assert await past("?since=2026-05-03T12:01:00Z&until=2026-05-03T12:02:00Z") == [BEA]
    unknown = await here.send("GET", "/sessions/history?user_id=nobody@acme.example", who=SUE)
    assert unknown.status_code == 404
    zoneless = await here.send("GET", "/sessions/history?since=2026-05-03T12:01:00", who=SUE)
    assert zoneless.json()["errors"][0]["field"] == "since"


async def test_administrators_are_signed_out_by_administrators(here: CallCentre) -> None:
    await here.sign_in(SUE)
    session = (await here.live())[ADA]["session_id"]
    assert (await here.send("DELETE", f"/sessions/{session}", who=SUE)).status_code == 403


@pytest.mark.parametrize(("who", "left"), [(SUE, {ADA, SUE}), (ADA, {ADA})])
async def test_everybody_is_signed_out_at_the_end_of_the_day(
    here: CallCentre, who: str, left: set[str]
) -> None:
    for user_id in (SUE, ALF, BEA):
        await here.sign_in(user_id)
    answer = await here.send("DELETE", "/sessions", who=who)
    assert answer.json() == {"signed_out": 4 - len(left)}
    assert set(await here.live()) == left


async def test_agents_say_whether_calls_may_come(here: CallCentre) -> None:
    await here.sign_in(ALF)
    for state, reason in (("available", None), ("unavailable", "Lunch"), ("wrap_up", None)):
        body = {"state": state, "reason": reason}
        answer = await here.send("PUT", "/session/acd-state", body, ALF)
        assert (answer.status_code, answer.json()["acd_state"]) == (200, body)
    why = await here.send("PUT", "/session/acd-state", {"state": "unavailable"}, ALF)
    assert why.json()["errors"][0]["field"] == "reason"


async def test_a_supervisor_sets_the_state_of_an_agent(here: CallCentre) -> None:
    sue = (await here.sign_in(SUE)).json()["session_id"]
    session = (await here.sign_in(ALF)).json()["session_id"]
    body = {"state": "available"}
    path = f"/sessions/{session}/acd-state"
    assert (await here.send("PUT", path, body, SUE)).status_code == 200
    assert (await here.live())[ALF]["acd_state"]["state"] == "available"
    assert (await here.send("PUT", path, body, ALF)).status_code == 403
    assert (await here.send("PUT", f"/sessions/{sue}/acd-state", body, SUE)).status_code == 409
    await here.send("DELETE", f"/sessions/{session}", who=SUE)
    assert (await here.send("PUT", path, body, SUE)).status_code == 404


async def test_i30_the_acd_state_is_gone_after_sign_out(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.send("PUT", "/session/acd-state", {"state": "available"}, ALF)
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.sign_in(ALF)).json()["acd_state"] is None


async def test_d1_who_sat_at_a_desk_at_a_moment_and_with_which_numbers(here: CallCentre) -> None:
    desk = await here.desk()
    await here.numbers(ALF, "a1")
    await here.sign_in(ALF, desk_id=desk)
    await here.pass_time(60, ADA, ALF)
    await here.send("POST", "/sign-out", who=ALF)
    await here.pass_time(60, ADA)
    await here.sign_in(BEA, desk_id=desk)
    path = f"/desks/{desk}/guest?at=2026-05-03T12"
    first = await here.get(f"{path}:00:30Z")
    assert (first["user_id"], first["sip_account_ids"]) == (ALF, ["a1"])
    assert first["numbers"] == ["a1"]
    assert (first["since"], first["until"]) == ("2026-05-03T12:00:00Z", "2026-05-03T12:01:00Z")
    assert (await here.get(f"{path}:02:00Z"))["user_id"] == BEA
    for empty in ("11:59:59Z", "12:01:00Z", "12:01:59Z"):
        answer = await here.send("GET", f"/desks/{desk}/guest?at=2026-05-03T{empty}")
        assert answer.status_code == 404


async def test_d1_the_number_is_the_one_of_that_moment(here: CallCentre) -> None:
    desk = await here.desk()
    await here.numbers(ALF, "a1")
    await here.sign_in(ALF, desk_id=desk)
    await here.pass_time(60, ADA, ALF)
    renamed = SipAccountChanged(
        sip_account_id="a1", provider_id="p1", friendly_name="a1", username="2002", protocol="udp"
    )
    await here.happens(renamed, SipAccountRemoved(sip_account_id="a1", provider_id="p1"))
    path = f"/desks/{desk}/guest?at=2026-05-03T12"
    assert (await here.get(f"{path}:00:30Z"))["numbers"] == ["a1"]
    assert (await here.get(f"{path}:01:30Z"))["numbers"] == ["2002"]


async def test_d9_seat_hours_add_up_per_desk_and_agent(here: CallCentre) -> None:
    desk = await here.desk("12")
    await here.sign_in(SUE)
    for _ in range(2):
        await here.sign_in(ALF, desk_id=desk)
        await here.pass_time(360, ADA, ALF, SUE)
        await here.send("POST", "/sign-out", who=ALF)
    path = "/seat-hours?since=2026-05-03T{}Z&until=2026-05-03T{}Z"
    whole = await here.get(path.format("12:00:00", "13:00:00"), SUE)
    assert whole["items"] == [{"desk_id": desk, "desk": "12", "user_id": ALF, "hours": 0.2}]
    part = await here.get(path.format("12:03:00", "12:09:00"), SUE)
    assert part["items"][0]["hours"] == 0.1
    assert (await here.get(path.format("13:00:00", "14:00:00"), SUE))["items"] == []
    wrong = await here.send("GET", path.format("13:00:00", "12:00:00"), who=SUE)
    assert wrong.json()["errors"][0]["field"] == "until"
    zoneless = await here.send("GET", path.replace("Z", "").format("12:00:00", "13:00:00"))
    assert zoneless.json()["errors"][0]["field"] == "since"


async def test_d10_another_policy_is_tried_on_the_past(here: CallCentre) -> None:
    await here.sign_in(ALF)
    await here.pass_time(60 + 45, ADA)
    assert await here.beat(ALF) == [204]
    await here.pass_time(195, ADA, ALF)
    await here.send("POST", "/sign-out", who=ALF)
    path = "/sign-in-policy/simulation?since=2026-05-03T11:00:00Z&until=2026-05-03T13:00:00Z"
    same = await here.get(path)
    assert (same["sessions"], same["unchanged"]) == (2, 2)
    strict = await here.get(f"{path}&grace_seconds=30")
    assert (strict["ended_by_grace"], strict["unchanged"]) == (1, 1)
    limited = await here.get(f"{path}&max_session_hours=0.05")
    assert limited["ended_by_limit"] == 2
    assert limited["hours_after"] == 0.1
