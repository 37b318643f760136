"""Says what is wrong with a field and what to enter instead, without repeating what was entered."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.said import Said, gaps, said

MAX_FIELD_LENGTH = 100
WHOLE_BODY = "body"

_GAP = re.compile(r"%\((\w+)\)s")

_NOT_ACCEPTED = "This is not accepted here. See the API description."
_NOT_AN_ADDRESS = "Enter an e-mail address such as ada@example.com."
_MESSAGES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field here. Leave it out or correct its name.",
    "string_type": "Enter a text.",
    "string_too_short": "Enter at least %(min_length)s character(s).",
    "string_too_long": "Enter at most %(max_length)s character(s).",
    "string_pattern_mismatch": "Enter a text that matches %(pattern)s.",
    "too_short": "Give at least %(min_length)s item(s).",
    "too_long": "Give at most %(max_length)s item(s).",
    "greater_than": "Enter a number greater than %(gt)s.",
    "greater_than_equal": "Enter a number of at least %(ge)s.",
    "less_than": "Enter a number less than %(lt)s.",
    "less_than_equal": "Enter a number of at most %(le)s.",
    "int_type": "Enter a whole number.",
    "int_parsing": "Enter a whole number.",
    "int_from_float": "Enter a whole number.",
    "float_type": "Enter a number.",
    "float_parsing": "Enter a number.",
    "bool_type": "Enter true or false.",
    "bool_parsing": "Enter true or false.",
    "literal_error": "Choose one of: %(expected)s.",
    "enum": "Choose one of: %(expected)s.",
    "list_type": "Give a list.",
    "tuple_type": "Give a list.",
    "dict_type": "Give an object with named members.",
    "model_type": "Give an object with named members.",
    "model_attributes_type": "Give an object with named members.",
    "timezone_aware": "Give the time with its offset from UTC, for example 2026-01-31T08:00:00Z.",
}


def field_errors(error: ValidationError) -> list[dict[str, Any]]:
    """Field and message for each thing pydantic found, in a form that may be shown."""
    found = error.errors(include_url=False, include_input=False)
    return [fault(field_name(one["loc"]), message(one)) for one in found]


def fault(field: str, text: str) -> dict[str, Any]:
    """A field and what is wrong with it, as a problem document shows it."""
    return {"field": field, "message": text, **gaps(text)}


def field_name(location: Iterable[int | str]) -> str:
    """The dotted name of a field, `body` for the whole. Long ones are cut: callers invent them."""
    return ".".join(map(str, location))[:MAX_FIELD_LENGTH] or WHOLE_BODY


def message(error: ErrorDetails) -> str:
    """What to enter instead."""
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] == "value_error":
        # Our own validators wrote this text, for people and without the value; others quote it.
        return _own(context["error"]) if "error" in context else _NOT_AN_ADDRESS
    kind = f"string_{error['type']}" if context.get("field_type") == "Value" else error["type"]
    template = _MESSAGES.get(kind, _NOT_ACCEPTED)
    return said(template, **{name: context[name] for name in _GAP.findall(template)})


def _own(error: ValueError) -> str:
    text = error.args[0] if error.args else ""
    return text if isinstance(text, Said) else _sentence(str(text))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
