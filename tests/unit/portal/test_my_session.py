"""An agent's own session and the floor: what is shown, and what each button asks for."""

import json
import re

import pytest

from tests.unit.portal.call_centre import DESKS, SESSION, signed_in
from tests.unit.portal.scene import NOBODY

MISSING = {
    "title": "Reason missing",
    "detail": "Say why.",
    "errors": [{"field": "reason", "message": "Say why you are not available."}],
}
TAKEN = {"title": "Desk taken", "detail": "This desk is not free. Choose another."}


async def test_an_agent_begins_with_the_own_session_and_sees_desk_and_calls() -> None:
    async with signed_in("agent") as agent:
        page = (await agent.open("/my-session")).text
    assert "Desk 12" in page
    assert "Lunch &lt;break&gt;" in page
    assert 'class="badge bad">Unavailable<' in page
    assert "3 May 2026, 18:00 UTC" in page
    assert "Yes: you come back by yourself" in page
    assert 'sse-connect="/my-session/live"' in page


async def test_loading_the_page_says_that_the_agent_is_there_also_without_scripts() -> None:
    async with signed_in("agent") as agent:
        page = (await agent.open("/my-session")).text
        beats = agent.told("PUT", "session/heartbeat")
    assert len(beats) == 2  # after the sign-in, and now
    assert re.search(r"<noscript>.*at least every 45 seconds.*</noscript>", page, re.DOTALL)


async def test_who_does_not_stay_signed_in_is_told_what_a_lost_connection_does() -> None:
    async with signed_in("agent", stay=False) as agent:
        page = (await agent.open("/my-session")).text
    assert "No: a lost connection signs you out." in page
    assert "so this signs you out." in page


async def test_who_sits_nowhere_is_led_to_the_floor() -> None:
    answers = {"GET /api/v1/session": {**SESSION, "desk": None, "acd_state": None}}
    async with signed_in("agent", answers) as agent:
        page = (await agent.open("/my-session")).text
    assert 'href="/floor">Choose a desk' in page
    assert "/my-session/desk/leave" not in page


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ({"state": "available", "reason": "Lunch"}, {"state": "available"}),
        ({"state": "wrap_up", "reason": ""}, {"state": "wrap_up"}),
        (
            {"state": "unavailable", "reason": "Lunch"},
            {"state": "unavailable", "reason": "Lunch"},
        ),
    ],
)
async def test_a_reason_is_sent_only_for_unavailable(
    form: dict[str, str], body: dict[str, str]
) -> None:
    async with signed_in("agent") as agent:
        answer = await agent.send("/my-session/acd-state", "/my-session", **form)
        (sent,) = agent.told("PUT", "session/acd-state")
    assert json.loads(sent) == body
    assert answer.url.path == "/my-session"


async def test_a_missing_reason_is_said_beside_its_field() -> None:
    async with signed_in("agent", {"PUT /api/v1/session/acd-state": (422, MISSING)}) as agent:
        form = {"state": "unavailable", "reason": ""}
        answer = await agent.send("/my-session/acd-state", "/my-session", **form)
    assert answer.status_code == 422
    assert 'id="reason-problem">Say why you are not available.' in answer.text


async def test_leaving_the_desk_keeps_the_session() -> None:
    async with signed_in("agent") as agent:
        answer = await agent.send("/my-session/desk/leave", "/my-session")
        left = agent.told("DELETE", "session/desk")
    assert left == [b""]
    assert "You have left the desk." in answer.text


async def test_the_floor_shows_hot_desks_free_taken_and_the_own() -> None:
    async with signed_in("agent") as agent:
        page = (await agent.open("/floor")).text
    assert "Reception" not in page
    assert re.findall(r'action="/floor/(\w+)/take"', page) == ["d11"]
    assert re.findall(r"badge \w+\">(\w+)<", page) == ["Free", "Yours", "Taken"]
    assert "Free desks: 1" in page
    assert "at most 4 h" in page


async def test_taking_a_desk_leads_back_to_the_session() -> None:
    async with signed_in("agent") as agent:
        answer = await agent.send("/floor/d11/take", "/floor")
        (sent,) = agent.told("PUT", "session/desk")
    assert json.loads(sent) == {"desk_id": "d11"}
    assert answer.url.path == "/my-session"
    assert "The desk is yours, and so is its phone." in answer.text


async def test_a_desk_that_somebody_was_quicker_at_is_refused_on_the_floor() -> None:
    async with signed_in("agent", {"PUT /api/v1/session/desk": (409, TAKEN)}) as agent:
        answer = await agent.send("/floor/d11/take", "/floor")
    assert answer.status_code == 409
    assert "This desk is not free. Choose another." in answer.text
    assert "Desk 13" in answer.text


async def test_a_floor_without_hot_desks_says_whom_to_ask() -> None:
    none = {"items": [one for one in DESKS["items"] if not one["hot_desk"]]}
    async with signed_in("agent", {"GET /api/v1/desks": none}) as agent:
        page = (await agent.open("/floor")).text
    assert "No hot desks yet" in page


@pytest.mark.parametrize("path", ["/board", "/board/s7", "/history", "/seat-hours"])
async def test_an_agent_opens_no_page_of_supervisors(path: str) -> None:
    async with signed_in("agent", {"GET /api/v1/sessions": (404, NOBODY)}) as agent:
        assert (await agent.open(path)).status_code == 403
