"""By which values documents are sorted: the same in every database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from chassis.read_models import ReadModel, Value

Scalar = str | int
"""What a sort value is in every database, so that all of them sort alike."""

LOWEST: Mapping[type, Scalar] = {str: "", int: -(2**63)}
"""What None is sorted as."""


@cache
def kinds(model: ReadModel[Any]) -> Mapping[str, type]:
    """Per attribute that an index is made of, whether it sorts as text or as a number."""
    hints = get_type_hints(model.document)
    return {name: _kind(hints[name]) for name in sorted(model.sort_fields)}


def sort_values(kinds: Mapping[str, Any], document: object) -> list[Scalar]:
    """The values that a document is sorted by, in the order of `kinds`."""
    # Most values are plain already, and this runs for every document of every batch.
    return [
        value if type(value := getattr(document, name)) is kind else scalar(value, kind)
        for name, kind in kinds.items()
    ]


def scalar(value: Value | Enum, kind: type) -> Scalar:
    """A value as it is sorted. Raises TypeError if it is of another kind."""
    if value is None:
        return LOWEST[kind]
    plain = value.value if isinstance(value, Enum) else value
    if isinstance(plain, datetime):
        plain = _instant(plain)
    if not isinstance(plain, kind):
        raise TypeError(f"{value!r} cannot be sorted as {kind.__name__}")
    return int(plain) if isinstance(plain, int) else str(plain)


def _instant(moment: datetime) -> str:
    # Fixed digits: RFC 3339 text without a fraction would sort after the same second with one.
    if moment.tzinfo is None:
        raise TypeError("a time to be sorted by needs a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _kind(hint: Any) -> type:
    found = {_scalar_kind(member) for member in _members(hint)}
    if found not in ({str}, {int}):
        raise TypeError(f"a list cannot be sorted by {hint}: use text, a number, bool or datetime")
    return str if str in found else int


def _members(hint: Any) -> tuple[Any, ...]:
    if isinstance(hint, NewType):
        return _members(hint.__supertype__)
    if get_origin(hint) in (Union, UnionType):
        return tuple(one for arm in get_args(hint) for one in _members(arm) if one is not NoneType)
    if get_origin(hint) is Literal:
        return tuple(type(value) for value in get_args(hint) if value is not None)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(type(member.value) for member in hint)
    return (hint,)


def _scalar_kind(hint: Any) -> type | None:
    if not isinstance(hint, type):
        return None
    return int if issubclass(hint, int) else str if issubclass(hint, str | datetime) else None
