"""The page on deploying names what there is, and nothing else."""

import re

from tests.deploy.manifests import ROOT
from tests.deploy.test_laws import LAWS

PAGE = (ROOT / "deploy/README.md").read_text()


def folders(name: str) -> set[str]:
    return {path.name for path in (ROOT / "deploy" / name).iterdir() if path.is_dir()}


def test_the_page_names_every_component() -> None:
    assert set(re.findall(r"`components/([a-z-]+)`", PAGE)) == folders("components")


def test_the_page_counts_the_laws() -> None:
    assert f"obey {len(LAWS)} laws" in PAGE


def test_every_component_is_in_some_rendering() -> None:
    files = [
        *(ROOT / "deploy").glob("overlays/*/*.yaml"),
        *(ROOT / "deploy").glob("tests/*/*.yaml"),
    ]
    used = "".join(path.read_text() for path in files)
    assert {name for name in folders("components") if f"components/{name}" not in used} == set()
