"""Says which changes to published schemas would break a reader: `python -m schemas.compatibility`.

Replay reads old events with new schemas, subscribers read new events with old schemas, both for
ever. So what a schema says of a field may not change, and fields that join are optional. What this
cannot see, such as a wrong upcast, `tests/histories/` does: recorded events of every release, which
`tests/contract/test_histories.py` replays through every projection.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from subprocess import CalledProcessError
from typing import Any

from schemas.generate import JSON, ROOT
from schemas.publish.json_schema import JsonSchema
from schemas.publish.released import released

PROSE = frozenset({"$comment", "$defs", "description", "examples", "title", "x-personal-data"})
"""Free to change: it explains, but no program checks it. Definitions count where they are used."""


def breaks(old: Mapping[str, JsonSchema], new: Mapping[str, JsonSchema]) -> list[str]:
    """Every change from `old` to `new` that some reader would trip over, and what to do instead.

    Both map the path of a schema, such as `sessions/v1/AgentSignedIn.json`, to its content.
    """
    gone = [f"{path} is gone. {_bring_back(path)}" for path in old if path not in new]
    return gone + [
        f"{path}: {what}. {_instead_of_changing(path)}"
        for path in old
        if path in new
        for what in _differences("", _essence(old[path], old[path]), _essence(new[path], new[path]))
    ]


def main(root: Path = ROOT) -> int:
    """Compare the schemas of the work tree with the released ones. Answers the exit status."""
    try:
        before = released(root, JSON)
    except CalledProcessError as error:
        print(f"compatibility: run this in a git checkout. git says: {error.stderr.strip()}")
        return 1
    if before is None:
        print("compatibility: no schemas are committed yet, so nothing can break.")
        return 0
    found = breaks(before.schemas, _working(root / JSON))
    for line in found:
        print(line)
    print(
        f"compatibility: {len(before.schemas)} schemas of {before.revision}, {len(found)} breaks. "
        "Recorded histories are replayed by tests/contract/test_histories.py."
    )
    return 1 if found else 0


def _differences(where: str, old: Any, new: Any) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        match key, before, after:
            case "properties", dict(), dict():
                yield from _property_differences(where, before, after)
            case "required", _, _:
                yield from _required_differences(where, before or [], after or [])
            case "items", dict(), dict():
                yield from _differences(f"{where}[]", before, after)
            case _ if _settled(before) != _settled(after):
                yield f"`{key}` of {where or 'the event'} was {_text(before)} and is {_text(after)}"


def _property_differences(where: str, old: JsonSchema, new: JsonSchema) -> Iterator[str]:
    for name, before in old.items():
        field = f"{where}.{name}".lstrip(".")
        if name in new:
            yield from _differences(field, before, new[name])
        else:
            yield f"{field} is gone"


def _required_differences(where: str, old: list[str], new: list[str]) -> Iterator[str]:
    for name in sorted(set(old) ^ set(new)):
        field = f"{where}.{name}".lstrip(".")
        yield f"{field} is {'required now' if name in new else 'no longer required'}"


def _essence(part: Any, root: JsonSchema) -> Any:
    """A schema without prose, each reference replaced by what it names: classes may be renamed."""
    match part:
        case {"$ref": str(target), **beside}:
            return _essence(root["$defs"][target.rsplit("/", 1)[1]], root) | beside
        case dict():
            return {
                key: {name: _essence(field, root) for name, field in value.items()}
                if key == "properties"
                else _essence(value, root)
                for key, value in part.items()
                if key not in PROSE
            }
        case list():
            return [_essence(value, root) for value in part]
    return part


def _settled(value: Any) -> Any:
    """A list in one order: no list in our schemas means another thing in another order."""
    return sorted(value, key=_text) if isinstance(value, list) else value


def _text(value: Any) -> str:
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)


def _bring_back(path: str) -> str:
    return (
        "Logs hold such events for ever: bring the file back with `git checkout`, and keep the "
        f"class or register an upcast from {_wire_name(path)} in schemas/upcasts.py."
    )


def _instead_of_changing(path: str) -> str:
    if "/" not in path:
        return "Undo this: every event ever written stands in this envelope."
    service, version, event = _wire_name(path).split(".")
    successor = f"{service}.v{int(version.removeprefix('v')) + 1}.{event}"
    return (
        f"Undo this or, if the meaning must change, name the new class {successor} and lift "
        f"{_wire_name(path)} to it in schemas/upcasts.py."
    )


def _wire_name(path: str) -> str:
    return ".".join(PurePosixPath(path).with_suffix("").parts)


def _working(folder: Path) -> dict[str, JsonSchema]:
    paths = sorted(path for path in folder.rglob("*.json") if path.name != "index.json")
    return {path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in paths}


if __name__ == "__main__":
    sys.exit(main())
