"""The past of the floor: who sat where at a moment, sessions that are over, seat hours."""

import re
from typing import Any

from services.portal.pages.seat_hours import Bar, bars
from services.portal.resources.sessions import Seat
from tests.unit.portal.call_centre import PAST, SEATS, signed_in

GUEST = {
    "user_id": "grace@example.com",
    "since": "2026-05-03T14:00:00Z",
    "until": "2026-05-03T17:30:00Z",
    "numbers": ["2001", "2002"],
}
NOBODY: dict[str, Any] = {
    "detail": "Nobody sat there then. Choose another moment or desk.",
    "status": 404,
}
WRONG = {"detail": "No.", "errors": [{"field": "until", "message": "Enter a later day."}]}


async def test_the_history_says_who_was_there_for_how_long_and_why_it_ended() -> None:
    async with signed_in("supervisor") as boss:
        page = (await boss.open("/history")).text
    assert "alan@example.com" in page
    assert "2 h 5 min" in page
    assert "Signed out by somebody in charge, or for safety" in page
    assert "by boss@example.com" in page


async def test_d1_who_sat_at_a_desk_at_a_moment_with_which_number() -> None:
    async with signed_in("supervisor", {"GET /api/v1/desks/d12/guest": GUEST}) as boss:
        page = (await boss.open("/history?desk=d12&at=2026-05-03T14:02")).text
        asked = [one.url for one in boss.services.asked if one.url.path.endswith("/guest")]
    assert [one.params["at"] for one in asked] == ["2026-05-03T14:02:00Z"]
    assert "<strong>grace@example.com</strong>" in page
    assert "3 h 30 min" in page
    assert "2001, 2002" in page


async def test_that_nobody_sat_there_is_an_answer() -> None:
    async with signed_in("supervisor", {"GET /api/v1/desks/d12/guest": (404, NOBODY)}) as boss:
        answer = await boss.open("/history?desk=d12&at=2026-05-03T14:02")
    assert answer.status_code == 200
    assert NOBODY["detail"] in answer.text
    assert 'value="2026-05-03T14:02"' in answer.text


async def test_seat_hours_are_asked_for_whole_days_and_stand_in_chart_and_table() -> None:
    async with signed_in("administrator") as boss:
        page = (await boss.open("/seat-hours?since=2026-05-01&until=2026-05-03")).text
        asked = boss.services.asked[-1].url.params
    assert dict(asked) == {
        "since": "2026-05-01T00:00:00+00:00",
        "until": "2026-05-04T00:00:00+00:00",
    }
    assert re.findall(r'class="bar-length" width="([\d.]+)"', page) == ["100.0", "25.0"]
    assert "In all: 10 h" in page
    assert page.count('<td data-label="Agent">') == 3


async def test_a_time_that_cannot_be_is_said_beside_its_field() -> None:
    async with signed_in("supervisor", {"GET /api/v1/seat-hours": (422, WRONG)}) as boss:
        answer = await boss.open("/seat-hours?since=2026-05-03&until=2026-05-01")
    assert answer.status_code == 422
    assert 'id="until-problem">Enter a later day.' in answer.text


async def test_a_time_in_which_nobody_sat_says_what_counts() -> None:
    async with signed_in("supervisor", {"GET /api/v1/seat-hours": {"items": []}}) as boss:
        assert "Nobody sat at a hot desk in this time" in (await boss.open("/seat-hours")).text


async def test_a_long_table_has_pages() -> None:
    many = [{**SEATS[0], "user_id": f"agent{n}@example.com"} for n in range(60)]
    async with signed_in("supervisor", {"GET /api/v1/seat-hours": {"items": many}}) as boss:
        first = (await boss.open("/seat-hours?by=agent")).text
        second = (await boss.open("/seat-hours?by=agent&start=50")).text
    assert (first.count("<td data-label="), second.count("<td data-label=")) == (100, 20)
    assert "by=agent&amp;start=50" in first
    assert "start=100" not in second


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    seats = [Seat(**one) for one in SEATS]
    by_agent = bars(seats, lambda seat: seat.user_id)
    assert by_agent == [Bar("grace@example.com", 7.5, 100.0), Bar("alan@example.com", 2.5, 33.33)]
    assert bars([], lambda seat: seat.desk) == []


async def test_past_sessions_are_chosen_by_user_and_time_page_after_page() -> None:
    query = "user_id=alan%40example.com&since=2026-05-01T08%3A00&until=2026-05-03T08%3A00"
    more = {"items": [PAST], "next": "c2"}
    async with signed_in("supervisor", {"GET /api/v1/sessions/history": more}) as boss:
        page = (await boss.open(f"/history?{query}")).text
        (asked,) = [one.url.params for one in boss.services.asked if "history" in one.url.path]
    assert (asked["user_id"], asked["since"]) == ("alan@example.com", "2026-05-01T08:00:00Z")
    assert asked["until"] == "2026-05-03T08:00:00Z"
    assert f"/history?{query.replace('&', '&amp;')}&amp;cursor=c2" in page
    assert 'value="alan@example.com"' in page


async def test_a_user_who_is_not_there_is_said_beside_the_field() -> None:
    nobody = {"detail": "There is no such user. Choose one of the list.", "status": 404}
    async with signed_in("supervisor", {"GET /api/v1/sessions/history": (404, nobody)}) as boss:
        answer = await boss.open("/history?user_id=nobody%40example.com")
    assert 'id="user_id-problem">There is no such user.' in answer.text


async def test_a_desk_says_who_has_sat_there() -> None:
    desk = {"id": "d12", "name": "Desk 12", "device_id": "v1", "hot_desk": True}
    device = {
        "id": "v1",
        "contact_id": "c1",
        "name": "Phone",
        "sip_account_ids": [],
        "state": "waiting",
        "drift": False,
        "configuration_revision": 1,
    }
    past = {"session_id": "s3", "user_id": "grace@example.com", "since": "2026-05-03T14:00:00Z"}
    answers = {
        "GET /api/v1/desks/d12": desk,
        "GET /api/v1/devices": {"items": [device], "next": None},
        "GET /api/v1/desks/d12/guests": {"items": [past], "next": "c2"},
    }
    async with signed_in("administrator", answers) as boss:
        page = (await boss.open("/desks/d12/edit")).text
    assert "Who has sat here" in page
    assert "3 May 2026, 14:00 UTC" in page
    assert "until now" in page
    assert 'href="/desks/d12/edit?cursor=c2' in page
