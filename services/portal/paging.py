"""The way through a list and back: pages that were passed stand in the address."""

from collections.abc import Sequence
from urllib.parse import urlencode

MOST_PASSED = 10
"""So many pages one can go back; then there is still the way to the first."""
PASSED = "back"
FIRST = "-"
"""Stands for the first page, which has no cursor."""


def following(path: str, query: str, cursor: str, passed: Sequence[str], after: str) -> str:
    """The address of the page after the one at `cursor`. `query` are filters, ending in &."""
    way = [*passed, cursor or FIRST][-MOST_PASSED:]
    return _address(path, query, after, way)


def previous(path: str, query: str, passed: Sequence[str]) -> str:
    """The address of the page before, empty where none is known."""
    if not passed:
        return ""
    *way, before = passed
    return _address(path, query, "" if before == FIRST else before, way)


def _address(path: str, query: str, cursor: str, way: Sequence[str]) -> str:
    place = [("cursor", cursor)] if cursor else []
    return f"{path}?{query}{urlencode([*place, *((PASSED, one) for one in way)])}"
