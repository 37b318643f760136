"""Writing the generated files, and noticing that they are stale."""

import json
import shutil
from pathlib import Path

import pytest

from schemas import generate
from schemas.generate import ROOT
from schemas.upcasts import UPCASTS, Data

DEVICE = "schemas/json/provisioning/v1/DeviceCreated.json"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A root with everything the generated files are made from, and the files themselves."""
    (tmp_path / "deploy").mkdir()
    for source in ("pyproject.toml", "deploy/topology.yaml"):
        shutil.copy(ROOT / source, tmp_path / source)
    assert generate.main([], tmp_path) == 0
    return tmp_path


def test_fresh_files_pass_the_check(fresh: Path) -> None:
    assert generate.main(["--check"], fresh) == 0


@pytest.mark.parametrize(
    "name", [DEVICE, "schemas/json/envelope.json", "schemas/asyncapi.yaml", "docs/events.md"]
)
def test_the_check_names_a_stale_file_and_the_command_and_changes_nothing(
    fresh: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (fresh / name).write_text("{}")
    capsys.readouterr()
    assert generate.main(["--check"], fresh) == 1
    expected = f"{name} is out of date: run `make schemas` and commit the result.\n"
    assert capsys.readouterr().out == expected
    assert (fresh / name).read_text() == "{}"


def test_a_missing_file_is_stale(fresh: Path) -> None:
    (fresh / DEVICE).unlink()
    assert generate.main(["--check"], fresh) == 1


def test_a_schema_of_no_event_is_named_and_taken_away(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stray = fresh / "schemas/json/provisioning/v1/DeviceEaten.json"
    stray.write_text("{}")
    assert generate.main(["--check"], fresh) == 1
    assert "DeviceEaten.json belongs to no event and no upcast" in capsys.readouterr().out
    assert generate.main([], fresh) == 0
    assert not stray.exists()


def test_a_superseded_schema_stays_as_it_was_published(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = "provisioning.v0.DeviceCreated"
    path = fresh / "schemas/json/provisioning/v0/DeviceCreated.json"
    path.parent.mkdir()
    published = (fresh / DEVICE).read_text().replace("/v1/", "/v0/")
    path.write_text(published)

    def lift(data: Data) -> tuple[str, Data]:
        return "provisioning.v1.DeviceCreated", data

    monkeypatch.setitem(UPCASTS, old, lift)
    assert generate.main([], fresh) == 0
    assert path.read_text() == published
    index = json.loads((fresh / "schemas/json/index.json").read_text())
    assert {e["type"]: e["status"] for e in index["events"]}[old] == "superseded"
    assert old in (fresh / "schemas/asyncapi.yaml").read_text()


def test_the_catalogue_says_who_reacts(fresh: Path) -> None:
    (fresh / "deploy/topology.yaml").write_text(
        "services:\n"
        "  billing: {projects: [ACTIVATION], reacts: {PROVISIONING: [DeviceCreated]}}\n"
        "  sessions:\n"
    )
    generate.main([], fresh)
    lines = (fresh / "docs/events.md").read_text().splitlines()
    (created,) = (line for line in lines if line.startswith("| [DeviceCreated]"))
    assert created.endswith("| billing |")
    assert "Read models built from this log: billing." in lines


def test_without_a_topology_nobody_is_known_to_react(fresh: Path) -> None:
    (fresh / "deploy/topology.yaml").unlink()
    assert generate.main([], fresh) == 0
    rows = [x for x in (fresh / "docs/events.md").read_text().splitlines() if x.startswith("| [")]
    assert rows
    assert all(row.endswith("| nobody yet |") for row in rows)
