"""Answers in OpenAPI by names and sentences for people, where Litestar has only general ones."""

import re
from http import HTTPStatus
from typing import Any

from litestar.handlers import HTTPRouteHandler

from chassis.answers import Listed

_PREFIX = "#/components/schemas/"
_LIST = re.compile(rf"{Listed.__name__}_(?:.*\.)?(?P<item>\w+)_")
_LEADS = {
    HTTPStatus.CREATED: "Created.",
    HTTPStatus.ACCEPTED: "Accepted; it happens a moment later.",
    HTTPStatus.NO_CONTENT: "Done. There is nothing to show.",
}


def name_lists(document: dict[str, Any]) -> None:
    """Call the list of some resource `ResourceList`; Litestar names the resource's module too."""
    components: dict[str, Any] = document["components"]["schemas"]
    names = {name: _list_name(match) for name in components if (match := _LIST.fullmatch(name))}
    for old, new in names.items():
        if new in components:
            raise ValueError(f"Two components would be called {new}. Rename one resource class.")
        components[new] = components.pop(old) | {"title": new, "description": _text(Listed)}
    _refer(document, {_PREFIX + old: _PREFIX + new for old, new in names.items()})


def describe_success(
    operation: dict[str, Any], handler: HTTPRouteHandler, components: dict[str, Any]
) -> None:
    """Say what an answer that is no error holds, unless the handler says so itself."""
    if handler.response_description:
        return
    for status, response in operation["responses"].items():
        if status < "400":
            about = _described(response, components) or _text(handler.fn)
            lead = _LEADS.get(HTTPStatus(int(status)), "")
            no_content = int(status) == HTTPStatus.NO_CONTENT
            if no_content:
                response.pop("content", None)
            response["description"] = lead if no_content else f"{lead} {about}".strip()


def _list_name(match: re.Match[str]) -> str:
    item = match["item"]
    return f"{item[0].upper()}{item[1:]}List"


def _refer(part: Any, references: dict[str, str]) -> None:
    if isinstance(part, list):
        for one in part:
            _refer(one, references)
    elif isinstance(part, dict):
        if part.get("$ref") in references:
            part["$ref"] = references[part["$ref"]]
        for one in part.values():
            _refer(one, references)


def _described(response: dict[str, Any], components: dict[str, Any]) -> str:
    """What the component that is answered with says of itself, empty if there is none."""
    for content in (response.get("content") or {}).values():
        name = str(content.get("schema", {}).get("$ref", "")).removeprefix(_PREFIX)
        if name in components:
            return _one_line(components[name].get("description"))
    return ""


def _text(documented: Any) -> str:
    return _one_line(documented.__doc__)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
