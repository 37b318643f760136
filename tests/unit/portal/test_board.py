"""The live board, and what somebody in charge can do about a session."""

import json
import re
from typing import Any

import pytest

from tests.unit.portal.call_centre import LIVE, OWN, signed_in

FORBIDDEN: dict[str, Any] = {
    "detail": "Administrators are signed out by administrators. Ask one.",
    "status": 403,
}


async def test_the_board_shows_who_is_where_in_which_state_since_when() -> None:
    async with signed_in("supervisor") as boss:
        page = (await boss.open("/board")).text
    assert all(text in page for text in ("grace@example.com", "Desk 13", "Training"))
    assert "3 May 2026, 08:00 UTC" in page
    assert "3 May 2026, 09:15 UTC" in page
    assert "3 May 2026, 09:30 UTC" in page
    assert re.findall(r"<li[^>]*><strong>(\d)</strong>", page) == ["2", "0", "0", "1", "1"]
    assert 'class="badge bad">Connection lost<' in page
    assert 'sse-connect="/board/live"' in page


async def test_nobody_is_led_to_signing_oneself_out_by_force() -> None:
    async with signed_in("supervisor") as boss:
        page = (await boss.open("/board")).text
    assert re.findall(r'href="/board/(\w+)"', page) == ["s7"]


async def test_numbers_are_shown_only_if_the_whole_floor_is() -> None:
    part = {"items": [OWN, LIVE], "next": "more"}
    async with signed_in("supervisor", {"GET /api/v1/sessions": part}) as boss:
        page = (await boss.open("/board")).text
    assert 'class="counts"' not in page
    assert 'rel="next" href="/board?cursor=more' in page


async def test_a_person_of_the_board_is_signed_out_after_a_question() -> None:
    async with signed_in("supervisor") as boss:
        page = (await boss.open("/board/s7")).text
        answer = await boss.send("/board/s7/sign-out", "/board/s7")
        ended = boss.told("DELETE", "sessions/s7")
    assert "Sign grace@example.com out?" in page
    assert len(ended) == 1
    assert answer.url.path == "/board"
    assert "The session is over, and its page says so." in answer.text


async def test_what_the_service_refuses_is_said_on_the_page_of_the_person() -> None:
    administrator = {**LIVE, "role": "administrator", "desk": None, "acd_state": None}
    answers = {
        "GET /api/v1/sessions/s7": administrator,
        "DELETE /api/v1/sessions/s7": (403, FORBIDDEN),
    }
    async with signed_in("supervisor", answers) as boss:
        answer = await boss.send("/board/s7/sign-out", "/board/s7")
    assert answer.status_code == 403
    assert answer.text.count(FORBIDDEN["detail"]) == 1
    assert "Change the state" not in answer.text


async def test_somebody_in_charge_sets_the_state_of_an_agent() -> None:
    async with signed_in("supervisor") as boss:
        form = {"state": "unavailable", "reason": "Fire drill", "cursor": ""}
        answer = await boss.send("/board/s7/acd-state", "/board/s7", **form)
        (sent,) = boss.told("PUT", "sessions/s7/acd-state")
    assert json.loads(sent) == {"state": "unavailable", "reason": "Fire drill"}
    assert "The state is set." in answer.text


async def test_a_session_that_is_over_meanwhile_leads_back_to_the_board() -> None:
    async with signed_in("supervisor") as boss:
        answer = await boss.open("/board/s9")
    assert answer.url.path == "/board"
    assert "This session is over." in answer.text


@pytest.mark.parametrize(
    ("role", "question"),
    [
        ("supervisor", "Sign all agents out?"),
        ("administrator", "Sign all agents and supervisors out?"),
    ],
)
async def test_all_are_signed_out_after_a_question(role: str, question: str) -> None:
    async with signed_in(role) as boss:
        page = (await boss.open("/board")).text
        answer = await boss.send("/board/sign-all-out", "/board")
    assert question in page
    assert "People who were signed out: 3" in answer.text
