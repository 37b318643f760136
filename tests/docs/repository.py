"""The files of this repository and what its pages say, for the tests that keep them true."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or will be committed, from the root."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = (Path(name) for name in listed.split("\0") if name)
    return tuple(sorted({path for path in paths if (ROOT / path).is_file()}))


def pages() -> list[Path]:
    """Every page of documentation, from the root."""
    return [path for path in files() if path.suffix == ".md"]


def text(path: Path | str) -> str:
    """The text of a file, named from the root."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def fences(page: str, language: str) -> list[str]:
    """The blocks of code in one language in some text."""
    return [block for kind, block in _FENCE.findall(page) if kind == language]


def spans(path: Path | str) -> list[str]:
    """What stands between single backticks on a page."""
    return _SPAN.findall(_FENCE.sub("", text(path)))


def code(path: Path | str) -> str:
    """All code of a page, a line each."""
    return "\n".join([*(block for _, block in _FENCE.findall(text(path))), *spans(path)])


def section(path: Path | str, heading: str) -> str:
    """What stands under a heading of the second level, empty if there is no such heading."""
    found = _section(heading).search(text(path))
    return found[1] if found else ""


def _section(heading: str) -> re.Pattern[str]:
    return re.compile(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
