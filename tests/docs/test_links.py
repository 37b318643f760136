"""Links between pages lead somewhere, and every page can be found."""

import re
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, files, pages, text

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(page: Path) -> list[tuple[Path, str]]:
    found = (target.partition("#") for target in _LINK.findall(text(page)) if ":" not in target)
    return [((page.parent / path) if path else page, anchor) for path, _, anchor in found]


def anchors(page: Path) -> set[str]:
    headings = (
        re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text(page))
    )
    return {heading.strip().replace(" ", "-") for heading in headings}


def known(path: Path) -> bool:
    resolved = (ROOT / path).resolve().relative_to(ROOT)
    return resolved in files() or any(file.is_relative_to(resolved) for file in files())


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_to_a_file_of_the_repository(page: Path) -> None:
    assert [str(path) for path, _ in links(page) if not known(path)] == []


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    inner = [(path, anchor) for path, anchor in links(page) if anchor and path.suffix == ".md"]
    assert [anchor for path, anchor in inner if anchor not in anchors(path)] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [Path("README.md")]
    while waiting:
        page = waiting.pop()
        if page not in reached and page in pages():
            reached.add(page)
            waiting += [(ROOT / p).resolve().relative_to(ROOT) for p, _ in links(page) if known(p)]
    assert set(pages()) - reached == set()
