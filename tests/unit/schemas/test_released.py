"""Which schemas count as released."""

import json
import subprocess
from pathlib import Path

import pytest

from schemas import compatibility
from schemas.generate import JSON
from schemas.publish.released import released

EVENT = "sessions/v1/AgentSignedIn.json"


def git(root: Path, *arguments: str) -> None:
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    settings = [*author, "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *settings, *arguments], check=True, capture_output=True)


def publish(root: Path, **properties: str) -> None:
    schema = {"properties": {name: {"type": kind} for name, kind in properties.items()}}
    (root / JSON / EVENT).write_text(json.dumps(schema))
    git(root, "add", "-A")
    git(root, "commit", "-m", "publish")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init")
    (tmp_path / JSON / EVENT).parent.mkdir(parents=True)
    (tmp_path / JSON / "index.json").write_text("{}")
    publish(tmp_path, user_id="string")
    return tmp_path


def test_before_the_first_tag_the_committed_schemas_count(checkout: Path) -> None:
    (checkout / JSON / EVENT).write_text("{}")
    found = released(checkout, JSON)
    assert found is not None
    assert found.revision == "HEAD"
    assert found.schemas == {EVENT: {"properties": {"user_id": {"type": "string"}}}}


def test_after_a_tag_later_commits_do_not_count(checkout: Path) -> None:
    git(checkout, "tag", "v0.1.0")
    publish(checkout, user_id="string", desk_id="string")
    found = released(checkout, JSON)
    assert found is not None
    assert found.revision == "v0.1.0"
    assert found.schemas[EVENT]["properties"].keys() == {"user_id"}


def test_the_newest_tag_counts(checkout: Path) -> None:
    git(checkout, "tag", "v0.9.0")
    publish(checkout, user_id="string", desk_id="string")
    git(checkout, "tag", "v0.10.0")
    publish(checkout, user_id="string")
    found = released(checkout, JSON)
    assert found is not None
    assert found.revision == "v0.10.0"


def test_without_committed_schemas_nothing_can_break(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "start")
    assert compatibility.main(tmp_path) == 0
    assert "no schemas are committed yet" in capsys.readouterr().out


def test_a_break_fails_the_command_and_is_told(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compatibility.main(checkout) == 0
    (checkout / JSON / EVENT).write_text('{"properties": {}}')
    assert compatibility.main(checkout) == 1
    assert "sessions/v1/AgentSignedIn.json: user_id is gone." in capsys.readouterr().out


def test_outside_a_checkout_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compatibility.main(tmp_path) == 1
    assert "run this in a git checkout" in capsys.readouterr().out
