"""No file names the machine it was written on, nor where that machine gets its packages."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.repository import ROOT, files, text

# Written in parts, so that this file does not break its own rule.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
        ("static", "crates", "io"),
    )
)
INDEX_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "GOPROXY",
)
MACHINE_PATH = re.compile(
    r"(?<![\w.}>*$-])/(?:" + "|".join(("work", "root", r"home/\w+")) + r")(?![\w-])"
)


def configured_hosts() -> set[str]:
    """Where this machine gets its packages."""
    command = (sys.executable, "-m", "pip", "config", "list")
    listed = subprocess.run(command, capture_output=True, check=False, text=True).stdout
    values = [*re.findall(r"https?://[^'\"\s]+", listed), *map(os.environ.get, INDEX_VARIABLES)]
    return {host for value in values if value and (host := urlsplit(value).hostname)}


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    hosts = {*REGISTRIES, *configured_hosts()} - {"localhost", "127.0.0.1"}
    assert found(re.compile("|".join(map(re.escape, sorted(hosts))))) == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    own = {str(ROOT), str(Path.home())} - {"/"}
    assert found(re.compile("|".join(f"{re.escape(path)}(?![\\w-])" for path in sorted(own)))) == []
    assert found(MACHINE_PATH) == []


@pytest.mark.parametrize(
    ("line", "is_private"),
    [
        ("cd /" + "work/main", True),
        ('path = "/' + 'root/.cache"', True),
        ("file:///" + "home/ada/switchboard", True),
        ("start `serve`, then `work`", False),
        ("services/portal/work", False),
        ("the queue's work/home label", False),
        ("GET /workers", False),
    ],
)
def test_a_private_path_is_told_from_other_words(line: str, is_private: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is is_private
