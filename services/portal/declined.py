"""What a service answers when it says no, as pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec


@dataclass(eq=False)
class Declined(Exception):
    """A service refused. `problems` are its words by field, `detail` those for the whole."""

    status: int
    detail: str
    problems: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    reason: str = "unknown"


UNREACHABLE = "The service does not answer. Wait a moment and try again."


def declined(answer: httpx.Response) -> Declined:
    """Read a problem document."""
    try:
        said: Any = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        said = None
    if not isinstance(said, dict):
        return Declined(answer.status_code, UNREACHABLE)
    errors = said.get("errors")
    return Declined(
        status=answer.status_code,
        detail=str(said.get("detail", "")),
        problems=_by_field(errors if isinstance(errors, list) else []),
        title=str(said.get("title", "")),
        reason=str(said.get("reason", "unknown")),
    )


def _by_field(errors: list[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in errors:
        if isinstance(one, dict) and "field" in one:
            found.setdefault(str(one["field"]), str(one.get("message", "")))
    return found
