"""What templates and code say in English, and what catalogues of translations make of it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "say": None, "ngettext": (1, 2)}


def said(folder: Path, more: Iterable[str] = ()) -> Iterator[str]:
    """Everything that is said below a folder, and what cannot be found there by its look."""
    for _, _, message, _, _ in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
        yield message if isinstance(message, str) else message[0]
    yield from more


def catalogue(folder: Path, language: str) -> Catalog:
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def sources(catalogue: Catalog) -> set[str]:
    """The English of every entry."""
    return {
        entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue if entry.id
    }


def check_translations(catalogue: Catalog) -> None:
    """Every entry is translated, and names stand where they stood."""
    for entry in catalogue:
        if not entry.id:
            continue
        source = entry.id if isinstance(entry.id, str) else entry.id[1]
        wordings = [entry.string] if isinstance(entry.string, str) else entry.string or [""]
        assert all(wordings), source
        assert not entry.fuzzy, source
        for wording in wordings:
            assert _places(wording) == _places(source), source


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s", text))
