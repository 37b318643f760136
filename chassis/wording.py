"""Texts in a person's language, from the gettext catalogues of a service."""

from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

LANGUAGES = ("en", "de", "es", "fr", "ru")
SOURCE = "en"

# English as it is written outside America: the day before the month.
_LOCALES = {"en": "en_GB"}
# How a date stands within a sentence, and what leads to the time, where that is not a comma.
_DATES = {"es": ("EEEE d 'de' MMMM 'de' y", ", "), "fr": ("full", " à ")}


def known(language: str) -> str:
    """The language we have texts in that comes nearest."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else SOURCE


def locale(language: str) -> str:
    """How dates and numbers are written in a language."""
    return _LOCALES.get(known(language), known(language))


@cache
def translations(catalogues: Path, language: str) -> NullTranslations:
    """The texts of one language from a folder of `.po` files."""
    if known(language) == SOURCE:
        return NullTranslations()
    # Compiled here, so that no build step stands between a translator and a reader.
    with (catalogues / f"{known(language)}.po").open("rb") as file:
        catalogue = read_po(file, locale=known(language), abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def speak(environment: Environment, texts: NullTranslations) -> None:
    """Let templates translate by `_()`. What is put into a text is escaped as elsewhere."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]  # by i18n


def moment(at: datetime, language: str) -> str:
    """A point in time that reads the same everywhere: Friday, 28 November 2025, 14:00 UTC."""
    utc = at.astimezone(UTC)
    date, join = _DATES.get(known(language), ("full", ", "))
    return f"{format_date(utc.date(), date, locale=locale(language))}{join}{utc:%H:%M} UTC"
