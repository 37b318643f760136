"""Since when and where: sessions, states, lost connections, desks and their guests, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.call_centre import ADA, ALF, BEA, SUE, CallCentre, call_centre


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[CallCentre]:
    async with call_centre(tmp_path) as centre:
        yield centre


async def test_a_session_says_since_when_on_which_machine_and_of_which_organization(
    here: CallCentre,
) -> None:
    signed_in = (await here.sign_in(ALF)).json()
    await here.pass_time(60, ALF)
    shown = await here.get("/session", ALF)
    assert shown["signed_in_at"] == signed_in["signed_in_at"] == "2026-05-03T12:00:00Z"
    assert shown["organization"] == {
        "id": here.organization_id,
        "name": "Acme",
        "languages": ["en", "de", "es", "fr", "ru"],
    }
    await here.sign_in(SUE)
    seen = {one["user_id"]: one for one in (await here.get("/sessions", SUE))["items"]}
    assert shown["machine_id"] == seen[ALF]["machine_id"] != seen[SUE]["machine_id"]


async def test_a_supervisor_sees_one_session_as_long_as_it_goes_on(here: CallCentre) -> None:
    await here.sign_in(SUE)
    session = (await here.sign_in(ALF)).json()["session_id"]
    listed = {one["user_id"]: one for one in (await here.get("/sessions", SUE))["items"]}
    assert await here.get(f"/sessions/{session}", SUE) == listed[ALF]
    assert (await here.send("GET", f"/sessions/{session}", who=ALF)).status_code == 403
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.send("GET", f"/sessions/{session}", who=SUE)).status_code == 404


async def test_a_state_has_a_beginning(here: CallCentre) -> None:
    await here.sign_in(SUE)
    session = (await here.sign_in(ALF)).json()["session_id"]
    await here.pass_time(60, SUE, ALF)
    await here.send("PUT", "/session/acd-state", {"state": "available"}, ALF)
    await here.pass_time(60, SUE, ALF)
    await here.send("PUT", "/session/acd-state", {"state": "available"}, ALF)
    seen = await here.get(f"/sessions/{session}", SUE)
    assert seen["acd_since"] == "2026-05-03T12:01:00Z"


async def test_a_lost_connection_has_a_beginning_and_an_end(here: CallCentre) -> None:
    await here.sign_in(SUE)
    session = (await here.sign_in(ALF)).json()["session_id"]
    await here.pass_time(60, SUE)
    lost = await here.get(f"/sessions/{session}", SUE)
    assert (lost["connection"], lost["lost_since"]) == ("lost", "2026-05-03T12:00:45Z")
    assert await here.beat(ALF) == [204]
    assert (await here.get(f"/sessions/{session}", SUE))["lost_since"] is None


async def test_a_language_is_chosen_while_signed_in_and_kept(here: CallCentre) -> None:
    await here.sign_in(ALF, language="en")
    answer = await here.send("PUT", "/session/language", {"language": "fr"}, ALF)
    assert (answer.status_code, answer.json()["user"]["language"]) == (200, "fr")
    await here.send("PUT", "/session/language", {"language": "fr"}, ALF)
    assert [one["language"] for one in here.events("SessionLanguageChanged")] == ["fr"]
    assert (await here.get("/session", ALF))["user"]["language"] == "fr"
    await here.send("POST", "/sign-out", who=ALF)
    assert (await here.sign_in(ALF)).json()["user"]["language"] == "fr"


async def test_only_languages_that_the_organization_offers_are_chosen(here: CallCentre) -> None:
    await here.policy(languages=["en", "de"])
    await here.sign_in(ALF)
    refused = await here.send("PUT", "/session/language", {"language": "fr"}, ALF)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "field": "language",
            "message": "Choose one of: en, de.",
            "template": "Choose one of: %(expected)s.",
            "values": {"expected": "en, de"},
        }
    ]


async def test_a_desk_remembers_who_sat_there_the_last_to_come_first(here: CallCentre) -> None:
    desk = await here.desk()
    await here.sign_in(SUE)
    for who in (ALF, BEA):
        await here.sign_in(who, desk_id=desk)
        await here.pass_time(60, ADA, SUE, who)
        await here.send("POST", "/sign-out", who=who)
    await here.sign_in(ALF, desk_id=desk)
    first = await here.get(f"/desks/{desk}/guests?limit=2", SUE)
    assert [(one["user_id"], one["reason"]) for one in first["items"]] == [
        (ALF, None),
        (BEA, "user"),
    ]
    (bea,) = [one for one in first["items"] if one["user_id"] == BEA]
    assert (bea["since"], bea["until"]) == ("2026-05-03T12:01:00Z", "2026-05-03T12:02:00Z")
    rest = await here.get(f"/desks/{desk}/guests?cursor={first['next']}", SUE)
    assert [one["user_id"] for one in rest["items"]] == [ALF]
    nobody = await here.send("GET", "/desks/none/guests", who=SUE)
    assert nobody.status_code == 404


async def test_desks_are_sorted_and_found_by_the_beginning_of_their_name(here: CallCentre) -> None:
    for number, name in enumerate(("b 1", "B 2", "a 1", "C 1")):
        await here.desk(name, f"d{number}")

    async def names(query: str = "") -> list[str]:
        return [one["name"] for one in (await here.get(f"/desks{query}"))["items"]]

    assert await names() == ["a 1", "b 1", "B 2", "C 1"]
    assert await names("?q=b") == ["b 1", "B 2"]
    assert await names("?q=%20B%201%20") == ["b 1"]
    assert await names("?q=1") == []
