"""What fails once gets a second try and is named; what fails twice, or with many others, fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.repository import ROOT

LOUD = "FAILED IN COMPANY, PASSED ALONE. These are defects, mend them:\ntest_some.py::test_one"
BY_CHANCE = """
from pathlib import Path

TRIED = Path(__file__).with_name("tried")


def test_one():
    tried = TRIED.exists()
    TRIED.touch()
    assert tried
"""
ALWAYS = "def test_one():\n    assert not 'one'\n"


def outcome(place: Path, source: str) -> tuple[int, str]:
    """Exit status and words of the script over one file of tests, run by two workers."""
    (place / "pytest.ini").write_text("[pytest]\n")
    (place / "test_some.py").write_text(source)
    tests = (sys.executable, "-m", "pytest", "-p", "xdist", "-n", "2", "--dist", "loadfile")
    result = subprocess.run(
        [ROOT / "scripts/test-again", *tests],
        cwd=place,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def test_what_fails_the_first_time_only_passes_and_is_named_loudly(tmp_path: Path) -> None:
    status, said = outcome(tmp_path, f"{BY_CHANCE}\n\ndef test_two():\n    pass\n")
    assert status == 0, said
    assert LOUD in said
    assert "1 passed in" in said, "only what failed is run again"


def test_what_fails_again_fails(tmp_path: Path) -> None:
    status, said = outcome(tmp_path, ALWAYS)
    assert status == 1, said
    assert said.count("1 failed in") == 2
    assert "PASSED ALONE" not in said


def test_one_that_fails_again_among_others_fails_and_nobody_is_named(tmp_path: Path) -> None:
    status, said = outcome(tmp_path, BY_CHANCE + ALWAYS.replace("one", "two"))
    assert status == 1, said
    assert "1 failed, 1 passed in" in said
    assert "PASSED ALONE" not in said


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (BY_CHANCE + "".join(ALWAYS.replace("one", f"two_{n}") for n in range(5)), 1),
        ("import nothing_of_the_kind\n", 2),
        ("", 5),
    ],
    ids=["more than five", "a module that cannot be imported", "no tests"],
)
def test_whatever_else_went_wrong_is_final(tmp_path: Path, source: str, expected: int) -> None:
    status, said = outcome(tmp_path, source)
    assert status == expected, said
    assert "PASSED ALONE" not in said


def test_what_passes_runs_once(tmp_path: Path) -> None:
    status, said = outcome(tmp_path, "def test_one():\n    pass\n")
    assert (status, said.count("1 passed in")) == (0, 1)
