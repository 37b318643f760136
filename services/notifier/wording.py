"""Texts and dates in a person's language, from the catalogues beside this file."""

from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "de", "es", "fr", "ru")
SOURCE = "en"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CATALOGUES = Path(__file__).parent / "locales"

# English as it is written outside America: the day before the month.
_LOCALES = {"en": "en_GB"}

# How a date stands within a sentence, and what leads to the time, where that is not a comma.
_DATES = {"es": ("EEEE d 'de' MMMM 'de' y", ", "), "fr": ("full", " à ")}


def known(language: str) -> str:
    """The language we have texts in that comes nearest."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else SOURCE


@cache
def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    if known(language) == SOURCE:
        return NullTranslations()
    # Compiled here, so that no build step stands between a translator and a mail.
    with (CATALOGUES / f"{known(language)}.po").open("rb") as file:
        catalogue = read_po(file, locale=known(language), abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def moment(at: datetime, language: str) -> str:
    """A point in time that reads the same everywhere: Friday, 28 November 2025, 14:00 UTC."""
    utc, language = at.astimezone(UTC), known(language)
    date, join = _DATES.get(language, ("full", ", "))
    day = format_date(utc.date(), date, locale=_LOCALES.get(language, language))
    return f"{day}{join}{utc:%H:%M} UTC"


def time_left(left: timedelta, language: str) -> str:
    """A sentence that says about how long a code can be used, in the unit people would choose.

    To the nearest: a code for seven days is not one for six because its mail took a second.
    """
    minutes = max(round(left / MINUTE), 1)
    hours, days = round(left / HOUR), round(left / DAY)
    ngettext = texts(language).ngettext
    if hours >= 48:
        number = days
        sentence = ngettext(
            "That is %(number)s day after this mail was sent.",
            "That is %(number)s days after this mail was sent.",
            number,
        )
    elif minutes >= 120:
        number = hours
        sentence = ngettext(
            "That is %(number)s hour after this mail was sent.",
            "That is %(number)s hours after this mail was sent.",
            number,
        )
    else:
        number = minutes
        sentence = ngettext(
            "That is %(number)s minute after this mail was sent.",
            "That is %(number)s minutes after this mail was sent.",
            number,
        )
    return sentence % {"number": number}
