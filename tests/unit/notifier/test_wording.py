"""Five languages: nothing untranslated, numbers and dates as each language has them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import services.notifier
from chassis.wording import LANGUAGES, known, moment
from services.notifier.wording import CATALOGUES, DAY, HOUR, MINUTE, texts, time_left
from tests.unit.catalogues import catalogue, check_translations, said, sources
from tests.unit.notifier.mails import ADA, GROUPED, received, text_of

FOLDER = Path(services.notifier.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLATFORMS = {"Computer"}
FRIDAY = datetime(2025, 11, 28, 22, 20, tzinfo=UTC)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_everything_that_is_said_and_nothing_else(language: str) -> None:
    assert sources(catalogue(CATALOGUES, language)) == set(said(FOLDER, PLATFORMS))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_is_there_and_keeps_the_places_of_names(language: str) -> None:
    check_translations(catalogue(CATALOGUES, language))


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Friday, 28 November 2025, 22:20 UTC"),
        ("de", "Freitag, 28. November 2025, 22:20 UTC"),
        ("es", "viernes 28 de noviembre de 2025, 22:20 UTC"),
        ("fr", "vendredi 28 novembre 2025 à 22:20 UTC"),
        ("ru", "пятница, 28 ноября 2025 \N{CYRILLIC SMALL LETTER GHE}., 22:20 UTC"),
    ],
)
def test_dates_are_written_as_each_language_has_them(language: str, written: str) -> None:
    assert moment(FRIDAY, language).replace("\N{NARROW NO-BREAK SPACE}", " ") == written


PLURALS = {
    "en": ("1 minute ", "2 minutes", "47 hours", "5 days", "21 days"),
    "de": ("ist 1 Minute ", "sind 2 Minuten", "47 Stunden", "5 Tage", "21 Tage"),
    "es": ("1 minuto ", "2 minutos", "47 horas", "5 días", "21 días"),
    "fr": ("1 minute ", "2 minutes", "47 heures", "5 jours", "21 jours"),
    "ru": ("1 минута", "2 минуты", "47 часов", "5 дней", "21 день"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_their_words_agree_in_every_language(language: str) -> None:
    lefts = (MINUTE, 2 * MINUTE, 47 * HOUR, 5 * DAY, 21 * DAY)
    for left, words in zip(lefts, PLURALS[language], strict=True):
        assert words in time_left(left, language)


@pytest.mark.parametrize(
    ("number", "word"), [(3, "3 часа"), (11, "11 часов"), (21, "21 час "), (22, "22 часа")]
)
def test_russian_has_three_plurals(number: int, word: str) -> None:
    assert word in time_left(number * HOUR, "ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fresh_code_for_seven_days_is_one_for_seven_days(language: str) -> None:
    assert "7" in time_left(7 * DAY - timedelta(seconds=3), language)


@pytest.mark.parametrize(
    ("left", "word"),
    [
        (timedelta(days=7), "7 days"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=2, hours=11), "2 days"),
        (timedelta(days=2, hours=13), "3 days"),
        (timedelta(hours=47, minutes=31), "2 days"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(minutes=119, seconds=40), "2 hours"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(seconds=91), "2 minutes"),
        (timedelta(seconds=80), "1 minute "),
        (timedelta(0), "1 minute "),
    ],
)
def test_the_time_left_is_rounded_to_what_people_say(left: timedelta, word: str) -> None:
    assert word in time_left(left, "en")


@pytest.mark.parametrize(("asked", "found"), [("de-CH", "de"), ("FR", "fr"), ("xx", "en")])
def test_a_language_we_do_not_have_is_english(asked: str, found: str) -> None:
    assert known(asked) == found
    assert texts(asked).gettext("Make a call") == texts(found).gettext("Make a call")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_in_one_language_throughout(language: str) -> None:
    mail = received(replace(ADA, language=language))
    assert mail["Content-Language"] == language
    for kind in ("plain", "html"):
        assert GROUPED in text_of(mail, kind)
        spoken = texts(language).gettext("Your activation code")
        assert spoken in text_of(mail, kind).replace("&#39;", "'")
    foreign = {one: texts(one).gettext("Make a call") for one in LANGUAGES if one != language}
    assert not [one for one, words in foreign.items() if words in text_of(mail)]
