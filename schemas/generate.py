"""Writes every generated file of the published language: `python -m schemas.generate`."""

import json
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from schemas.publish.asyncapi import asyncapi_yaml
from schemas.publish.catalogue import catalogue
from schemas.publish.conversations import conversations
from schemas.publish.index import index
from schemas.publish.json_schema import JsonSchema, envelope_schema, event_schemas
from schemas.publish.topology import load_consumers
from schemas.upcasts import UPCASTS

ROOT = Path(__file__).parents[1]
JSON = Path("schemas/json")


def generated_files(root: Path = ROOT) -> dict[Path, str]:
    """The content of every generated file by its path from the root of the repository."""
    current, envelope = event_schemas(), envelope_schema()
    schemas = current | superseded_schemas(root, current)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    consumers = load_consumers(root / "deploy/topology.yaml")
    return {
        **{schema_path(name): _json(schema) for name, schema in schemas.items()},
        JSON / "envelope.json": _json(envelope),
        JSON / "index.json": _json(index(schemas, current)),
        Path("schemas/asyncapi.yaml"): asyncapi_yaml(
            schemas, envelope, project["version"], project["license"]
        ),
        Path("docs/events.md"): f"{catalogue(schemas, consumers)}\n{conversations(consumers)}",
    }


def superseded_schemas(root: Path, current: Mapping[str, JsonSchema]) -> dict[str, JsonSchema]:
    """Schemas of events that have an upcast instead of a class: the log still holds such events."""
    names = sorted(UPCASTS.keys() - current.keys())
    return {name: json.loads((root / schema_path(name)).read_text()) for name in names}


def schema_path(wire_name: str) -> Path:
    """Where the schema of an event stands, from the root of the repository."""
    return JSON.joinpath(*wire_name.split(".")).with_suffix(".json")


def stale(root: Path, files: Mapping[Path, str]) -> list[str]:
    """What is wrong with the committed files, a line each."""
    wrong = [f"{path} is out of date" for path, text in files.items() if _read(root / path) != text]
    return wrong + [f"{path} belongs to no event and no upcast" for path in strays(root, files)]


def strays(root: Path, files: Mapping[Path, str]) -> list[Path]:
    """Schema files that nothing accounts for."""
    present = {path.relative_to(root) for path in (root / JSON).rglob("*.json")}
    return sorted(present - files.keys())


def write(root: Path, files: Mapping[Path, str]) -> None:
    """Bring the files up to date. One that was released and goes is caught by `compatibility`."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for path in strays(root, files):
        (root / path).unlink()


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the files, or with --check only say which are stale. Answers the exit status."""
    parser = ArgumentParser(prog="python -m schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    check = parser.parse_args(arguments).check
    files = generated_files(root)
    wrong = stale(root, files)
    if not check:
        write(root, files)
        print(f"schemas: {len(files)} generated files are up to date, {len(wrong)} changed.")
        return 0
    for line in wrong:
        print(f"{line}: run `make schemas` and commit the result.")
    return 1 if wrong else 0


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
