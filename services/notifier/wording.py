"""Texts of mails in a person's language, from the catalogues beside this file."""

from datetime import timedelta
from gettext import NullTranslations
from pathlib import Path

from chassis.wording import translations

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CATALOGUES = Path(__file__).parent / "locales"


def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    return translations(CATALOGUES, language)


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
