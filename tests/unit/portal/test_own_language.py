"""Another language is chosen while signed in, and every page speaks it at once."""

from typing import Any

from tests.unit.portal.call_centre import SESSION, signed_in

GERMAN = {**SESSION, "user": {**SESSION["user"], "language": "de"}}
REFUSED: dict[str, Any] = {
    "detail": "Correct the fields named in `errors` and send it again.",
    "errors": [{"field": "language", "message": "Choose one of: en."}],
}


async def test_pages_speak_the_chosen_language_from_then_on() -> None:
    async with signed_in("agent", {"PUT /api/v1/session/language": GERMAN}) as agent:
        offered = (await agent.open("/my-language")).text
        answer = await agent.send("/my-language", "/my-language", language="de")
        sent = agent.told("PUT", "session/language")
        later = (await agent.open("/my-session")).text
    assert ("Deutsch" in offered, "Русский" in offered) == (True, False)
    assert sent == [b'{"language":"de"}']
    assert "Die Sprache ist geändert." in answer.text
    assert '<html lang="de">' in later


async def test_a_language_that_is_not_offered_is_refused_beside_its_field() -> None:
    async with signed_in("agent", {"PUT /api/v1/session/language": (422, REFUSED)}) as agent:
        answer = await agent.send("/my-language", "/my-language", language="fr")
    assert answer.status_code == 422
    assert 'id="language-problem">Choose one of: en.' in answer.text
    assert '<html lang="en">' in answer.text


async def test_an_own_session_says_since_when_where_and_of_which_organization() -> None:
    async with signed_in("agent") as agent:
        page = (await agent.open("/my-session")).text
    assert "3 May 2026, 07:00 UTC" in page
    assert "<code>4f1de02b</code>" in page
    assert "<dd>Acme</dd>" in page
