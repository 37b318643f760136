"""The index of decisions is complete, and every record has the same form."""

import re
from pathlib import Path

import pytest

from tests.docs.repository import pages, text

INDEX = Path("docs/adr/README.md")
RECORDS = [page for page in pages() if page.parent == INDEX.parent and page != INDEX]
LONGEST_PAGE = 60


def metadata(record: Path) -> dict[str, str]:
    return dict(re.findall(r"^\| (\w+) \| (.+) \|$", text(record), re.MULTILINE))


def test_the_index_names_every_record_with_its_title_and_status() -> None:
    expected = []
    for number, record in enumerate(RECORDS, start=1):
        title = text(record).splitlines()[0].removeprefix(f"# ADR-{number}: ")
        status = metadata(record)["Status"]
        expected.append(f"| [{number}]({record.name}) | {title} | {status} |")
    rows = [line for line in text(INDEX).splitlines() if line.startswith("| [")]
    assert rows == expected
    assert rows


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_says_context_decision_and_consequences_on_one_page(record: Path) -> None:
    lines = text(record).splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
    ]
    assert re.fullmatch(r"# ADR-\d+: .+", lines[0])
    assert len(lines) <= LONGEST_PAGE


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_says_when_it_was_decided_and_whether_it_holds(record: Path) -> None:
    known = metadata(record)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", known["Date"])
    assert re.fullmatch(r"Accepted|Proposed|Superseded by ADR-\d+", known["Status"])
    assert known["Tags"]


def test_records_are_numbered_from_one_without_gaps() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
