"""Search by the beginnings of words, whatever their case and accents."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

MOST_TERMS = 12
TERM_FIELDS = tuple(f"term_{place}" for place in range(MOST_TERMS))


def folded(text: str) -> str:
    """A text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """The words of a text, folded. An address stays one word."""
    return [word for word in re.split(r"[\s,;]+", folded(text)) if word]


def terms(texts: Iterable[str]) -> tuple[str, ...]:
    """What a document is found by: the first twelve different words of these texts."""
    found = dict.fromkeys(word for text in texts for word in words(text))
    return tuple(found)[:MOST_TERMS]


def by_field(found: Sequence[str]) -> dict[str, str]:
    """Terms by the attributes of a document that keep them; an unused one is empty."""
    padded = [*found, *[""] * (MOST_TERMS - len(found))]
    return dict(zip(TERM_FIELDS, padded, strict=True))


def matches(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether every wanted word begins one of the terms."""
    return all(any(term.startswith(word) for term in found) for word in wanted)
