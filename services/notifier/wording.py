"""Texts of mails in a person's language, from the catalogues beside this file."""

from datetime import timedelta
from gettext import NullTranslations
from pathlib import Path

from chassis.wording import translations

CATALOGUES = Path(__file__).parent / "locales"


def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    return translations(CATALOGUES, language)


def time_left(left: timedelta, language: str) -> str:
    """A sentence that says about how long a code can be used, rounded down."""
    minutes = max(int(left.total_seconds() // 60), 1)
    ngettext = texts(language).ngettext
    if minutes >= 2 * 1440:
        number = minutes // 1440
        sentence = ngettext(
            "That is %(number)s day after this mail was sent.",
            "That is %(number)s days after this mail was sent.",
            number,
        )
    elif minutes >= 2 * 60:
        number = minutes // 60
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
