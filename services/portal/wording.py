"""Texts of pages in a person's language, from the catalogues beside this file."""

from gettext import NullTranslations
from pathlib import Path

from chassis.wording import translations
from schemas.said import Said

CATALOGUES = Path(__file__).parent / "locales"
REFUSALS = CATALOGUES / "refusals"
"""What services say, in catalogues of their own: their English is not ours to choose."""


def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    return translations(CATALOGUES, language)


def translated(text: str, language: str) -> str:
    """What a service says, in a language; in its own words where there is no translation."""
    template = text.template if isinstance(text, Said) else text
    found = translations(REFUSALS, language).gettext(template) if template else ""
    if found in ("", template):
        return text
    try:
        return found % text.values if isinstance(text, Said) else found
    except (KeyError, TypeError, ValueError):
        # A service of another release puts other things into its words.
        return text
