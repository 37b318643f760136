"""What a service answers when it says no, as pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import msgspec

from schemas.said import retold
from services.portal.wording import translated


@dataclass(eq=False)
class Declined(Exception):
    """A service refused. `problems` are its words by field, `detail` those for the whole."""

    status: int
    detail: str
    problems: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    reason: str = "unknown"

    def told_in(self, language: str) -> "Declined":
        """The same in a person's language, as far as there are translations."""
        problems = {name: translated(text, language) for name, text in self.problems.items()}
        return replace(self, detail=translated(self.detail, language), problems=problems)


UNREACHABLE = "The service does not answer. Wait a moment and try again."


def declined(answer: httpx.Response) -> Declined:
    """Read a problem document."""
    try:
        told: Any = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        told = None
    if not isinstance(told, dict):
        return Declined(answer.status_code, UNREACHABLE)
    errors = told.get("errors")
    return Declined(
        status=answer.status_code,
        detail=_words(told, "detail"),
        problems=_by_field(errors if isinstance(errors, list) else []),
        title=str(told.get("title", "")),
        reason=str(told.get("reason", "unknown")),
    )


def _by_field(errors: list[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in errors:
        if isinstance(one, dict) and "field" in one:
            found.setdefault(str(one["field"]), _words(one, "message"))
    return found


def _words(told: dict[str, Any], member: str) -> str:
    template, values = told.get("template"), told.get("values")
    text = str(told.get(member, ""))
    return retold(text, template, values) if template and isinstance(values, dict) else text
