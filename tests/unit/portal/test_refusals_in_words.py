"""What services say no with is said in the language of the page, with what was put into it."""

import pytest

from schemas.said import Said, gaps, said
from services.portal.wording import REFUSALS, translated
from tests.unit.catalogues import catalogue, check_translations, sources
from tests.unit.portal.call_centre import signed_in
from tests.unit.portal.service_words import service_words, untranslatable
from tests.unit.portal.test_wording import TRANSLATED

TEMPLATE = "Use one of your domains: %(domains)s."


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_refusal_that_a_form_may_meet_has_a_translation(language: str) -> None:
    assert sources(catalogue(REFUSALS, language)) == service_words()


@pytest.mark.parametrize("language", TRANSLATED)
def test_translated_refusals_keep_their_gaps(language: str) -> None:
    check_translations(catalogue(REFUSALS, language))


def test_no_refusal_is_put_together_without_gaps() -> None:
    assert untranslatable() == []


def test_the_gaps_of_a_text_go_along_with_it() -> None:
    text = said(TEMPLATE, domains="a.example, b.example")
    assert text == "Use one of your domains: a.example, b.example."
    assert gaps(text) == {"template": TEMPLATE, "values": {"domains": "a.example, b.example"}}
    assert gaps("Say why.") == {}


def test_words_without_a_translation_stay_as_the_service_said_them() -> None:
    assert translated("Nobody has translated this.", "de") == "Nobody has translated this."
    assert translated("", "de") == ""


def test_words_of_another_release_stay_as_the_service_said_them() -> None:
    other = Said("Use one of your domains: a.example.")
    other.template, other.values = TEMPLATE, {"names": "a.example"}
    assert translated(other, "de") == "Use one of your domains: a.example."


async def test_a_field_is_refused_in_the_language_of_the_page() -> None:
    wrong = {
        "field": "user_id",
        "message": "Use one of your domains: a.example.",
        "template": TEMPLATE,
        "values": {"domains": "a.example"},
    }
    answers = {
        "POST /api/v1/users": (422, {"status": 422, "detail": "Correct it.", "errors": [wrong]}),
        "GET /api/v1/sip-accounts": {"items": [], "next": None},
    }
    async with signed_in("administrator", answers, language="de") as person:
        page = await person.send("/users/new", "/users/new", user_id="ada")
    assert page.status_code == 422
    assert "Nehmen Sie eine Ihrer Domänen: a.example." in page.text


async def test_a_whole_form_is_refused_in_the_language_of_the_page() -> None:
    taken = {"status": 409, "detail": "This user id is in use. Choose another."}
    answers = {
        "POST /api/v1/users": (409, taken),
        "GET /api/v1/sip-accounts": {"items": [], "next": None},
    }
    async with signed_in("administrator", answers, language="ru") as person:
        page = await person.send("/users/new", "/users/new", user_id="ada")
    assert page.status_code == 409
    assert "Это имя пользователя занято. Выберите другое." in page.text


async def test_refused_rows_of_an_import_are_in_the_language_of_the_page() -> None:
    problem = {
        "column": "first_name",
        "message": "Enter at most 100 character(s).",
        "template": "Enter at most %(max_length)s character(s).",
        "values": {"max_length": "100"},
    }
    plain = {"column": "row", "message": "There are more cells than columns."}
    row = {"row": 1, "state": "refused", "problems": [problem, plain]}
    found = {"id": "i1", "state": "finished", "rows": 1, "refused": 1, "items": [row]}
    answers = {"GET /api/v1/imports/i1": found}
    async with signed_in("administrator", answers, language="fr") as person:
        page = (await person.open("/imports/i1")).text
    assert "Nombre maximal de caractères : 100." in page
    assert "Il y a plus de cellules que de colonnes." in page
