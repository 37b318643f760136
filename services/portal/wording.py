"""Texts of pages in a person's language, from the catalogues beside this file."""

from gettext import NullTranslations
from pathlib import Path

from chassis.wording import translations

CATALOGUES = Path(__file__).parent / "locales"


def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    return translations(CATALOGUES, language)
