"""The schemas subscribers already have: those of the last tag, before any tag those of HEAD."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from schemas.publish.json_schema import JsonSchema


@dataclass(frozen=True)
class Released:
    """Schemas by their path below the schema folder, and the revision they are taken from."""

    revision: str
    schemas: dict[str, JsonSchema]


def released(root: Path, folder: Path) -> Released | None:
    """Read the schemas out of git; None where there are none. Files of the work tree don't count.

    Raises `CalledProcessError` when `root` is no git checkout.
    """
    revision = _git(root, "describe", "--tags", "--abbrev=0", check=False).strip() or "HEAD"
    names = _git(root, "ls-tree", "-r", "--name-only", revision, f"{folder.as_posix()}/")
    paths = [Path(name) for name in names.splitlines() if Path(name).name != "index.json"]
    schemas = {
        path.relative_to(folder).as_posix(): json.loads(_git(root, "show", f"{revision}:{path}"))
        for path in paths
    }
    return Released(revision, schemas) if schemas else None


def _git(root: Path, *arguments: str, check: bool = True) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=check, capture_output=True, text=True)  # noqa: S603 - ours
    return done.stdout
