"""Forms: fields are named as in the API, so that its words stand beside the right one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from litestar.connection import Request
from litestar.enums import RequestEncodingType

from services.portal.browsers import new_secret
from services.portal.declined import Declined

AnyRequest = Request[Any, Any, Any]

TOKEN = "_token"  # noqa: S105 - the name of a field
ONCE = "_once"
_SECRET = re.compile(r"password", re.IGNORECASE)
_INDEX = re.compile(r"\d{1,3}")


@dataclass(frozen=True)
class Form:
    """What a form holds, and what is wrong with it. Passwords are never shown again."""

    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    once: str = field(default_factory=new_secret)

    @staticmethod
    async def of(request: AnyRequest) -> "Form":
        """What was sent. A field that was sent several times is a list."""
        found: dict[str, list[str]] = {}
        for name, value in await sent(request):
            found.setdefault(name, []).append(value)
        values: dict[str, Any] = {
            name: many[0] if len(many) == 1 else many for name, many in found.items()
        }
        return Form(values=values, once=str(values.pop(ONCE, "")) or new_secret())

    def text(self, name: str) -> str:
        """A field as it was typed, nothing for a password."""
        value = self.values.get(name)
        if value is None or isinstance(value, list | tuple) or _SECRET.search(name):
            return ""
        return str(value)

    def chosen(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.values.get(name) in (True, "true", "on")

    def many(self, name: str) -> list[str]:
        """Everything that was chosen under a name, in order."""
        value = self.values.get(name, [])
        found = value if isinstance(value, list | tuple) else [value]
        return [str(one) for one in found if one != ""]

    def rows(self, name: str) -> int:
        """How many rows a repeated group has: `emails.0.address` is of the first."""
        pattern = re.compile(rf"{re.escape(name)}\.(\d{{1,3}})\.")
        places = (int(match[1]) for key in self.values if (match := pattern.match(key)))
        return max(places, default=-1) + 1

    def group(self, name: str) -> list[dict[str, str]]:
        """The rows of a repeated group in which something was typed."""
        whole = self.body(name).get(name, [])
        return [row for row in whole if row] if isinstance(whole, list) else []

    def problem(self, name: str) -> str:
        """What is wrong with a field, in the words of the service."""
        return self.problems.get(name, "")

    def body(self, *fields: str, ticks: Iterable[str] = (), empty: bool = False) -> dict[str, Any]:
        """These fields as a request body. `empty` ones are sent as null, else left out.

        `ticks` are boxes: a browser says nothing of one that is not ticked.
        """
        body: dict[str, Any] = {name: self.chosen(name) for name in ticks}
        for name, value in self.values.items():
            wanted = name in fields or name.partition(".")[0] in fields
            if wanted and (value != "" or empty):
                _put(body, name.split("."), None if value == "" else value)
        return {name: _listed(value) for name, value in body.items()}

    def wrong(self, declined: Declined) -> "Form":
        """The same form with what the service said; a new try is a new command."""
        shown = set(self.values) | {name.partition(".")[0] for name in self.values}
        elsewhere = [text for name, text in declined.problems.items() if name not in shown]
        detail = "" if declined.problems and not elsewhere else " ".join(elsewhere)
        return replace(
            self,
            problems=declined.problems,
            detail=detail or ("" if declined.problems else declined.detail),
            once=new_secret(),
        )


async def sent(request: AnyRequest) -> list[tuple[str, str]]:
    """The fields of a form as they were sent, also those that were left empty."""
    kind, _ = request.content_type
    if kind == RequestEncodingType.URL_ENCODED:
        return parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
    form = await request.form()
    return [(name, one) for name, one in form.multi_items() if isinstance(one, str)]


def _put(body: dict[str, Any], path: Iterable[str], value: Any) -> None:
    *way, last = path
    place = body
    for part in way:
        place = place.setdefault(part, {})
    place[last] = value


def _listed(value: Any) -> Any:
    """`{"0": {…}, "1": {…}}` is a list, without the rows in which nothing was typed."""
    if not isinstance(value, dict):
        return value
    if value and all(_INDEX.fullmatch(key) for key in value):
        ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
        return [_listed(one) for _, one in ordered]
    return {key: _listed(one) for key, one in value.items()}
