"""An overlay goes to a cluster only with everything said that only its owner knows."""

import os
import re
from pathlib import Path

import pytest

from switchboard.deployment import release
from switchboard.deployment.render import tool
from tests.deploy.manifests import OURS, ROOT

PAGE = (ROOT / "deploy/README.md").read_text()
DIGEST = f"sha256:{'5' * 64}"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """The one that the page tells people to write, with a digest."""
    if tool() is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    found = re.search(r"```yaml\n( +apiVersion: kustomize.+?)```", PAGE, re.DOTALL)
    assert found
    prod = os.path.relpath(ROOT / "deploy/overlays/prod", tmp_path)
    text = found[1].replace("../prod", prod).replace("sha256:…", DIGEST)
    lines = (line.removeprefix("   ") for line in text.splitlines())
    (tmp_path / "kustomization.yaml").write_text("\n".join(lines))
    return tmp_path


def test_the_overlay_on_the_page_is_ready(
    overlay: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([str(overlay)]) == 0
    rendered = capsys.readouterr().out
    assert f"registry.your.example/switchboard@{DIGEST}" in rendered
    assert OURS not in rendered


@pytest.mark.parametrize(
    ("said", "unsaid"),
    [
        (DIGEST, f"sha256:{'0' * 64}"),
        ("registry.your.example/switchboard", OURS),
        ("smtp.your.example", "smtp.example.com"),
        ("value: phones.your.example", "value: phones.example.com"),
    ],
)
def test_an_overlay_that_leaves_something_open_is_refused_by_name(
    said: str, unsaid: str, overlay: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = overlay / "kustomization.yaml"
    assert said in file.read_text()
    file.write_text(file.read_text().replace(said, unsaid))
    assert release.main([str(overlay)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"\n{unsaid.removeprefix('value: ')}" in told.err


def test_what_we_ship_is_refused_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    if tool() is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    assert release.main([str(ROOT / "deploy/overlays/prod")]) == 1
    told = capsys.readouterr().err
    assert all(open_ in told for open_ in (OURS, f"sha256:{'0' * 64}", "phones.example.com"))
