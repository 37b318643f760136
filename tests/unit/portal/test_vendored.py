"""What others wrote is here unchanged, with its licence, and by the version its name says."""

from hashlib import sha256
from pathlib import Path

import pytest

from services.portal.files import FOLDER

AXE = Path(__file__).parents[2] / "assets" / "axe" / "axe-4.14.1.min.js"
VENDOR = FOLDER / "vendor"
WRITTEN_BY_OTHERS = {
    VENDOR / "htmx-2.0.11.min.js": (
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
        "Zero-Clause BSD",
    ),
    VENDOR / "htmx-ext-sse-2.2.4.min.js": (
        "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
        "Permission to use, copy, modify",
    ),
    VENDOR / "pico-2.1.1.min.css": (
        "fbc9a63fc9fc9f72d12fd7fc9806e11fa9f77ae4f9cad146b27003a1119ba3db",
        "MIT License",
    ),
    AXE: (
        "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
        "Mozilla Public License, version 2.0",
    ),
}


@pytest.mark.parametrize("path", WRITTEN_BY_OTHERS, ids=lambda path: path.name)
def test_a_file_of_others_is_unchanged_and_has_its_licence_beside_it(path: Path) -> None:
    digest, words = WRITTEN_BY_OTHERS[path]
    assert sha256(path.read_bytes()).hexdigest() == digest
    licence = path.name.replace(".min.js", "").replace(".min.css", "") + ".LICENSE.txt"
    assert words in (path.parent / licence).read_text()


def test_every_file_of_others_is_accounted_for() -> None:
    found = {path for path in VENDOR.iterdir() if path.suffix in {".js", ".css"}}
    assert found == {path for path in WRITTEN_BY_OTHERS if path.parent == VENDOR}
