"""One sorted list of one organization: what it holds, its order, and its cursors."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any, TypeVar

import msgspec

from chassis.read_models import Bounds, Page, ReadModel, WrongCursor
from chassis.stores.sorting import Scalar, kinds, scalar

D = TypeVar("D")

Row = tuple[tuple[Scalar, ...], D]
"""Where a document stands in a list (the values of `order`, then its key), and the document."""

_Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_cursor = msgspec.msgpack.Decoder(tuple[bytes, list[str | _Number]])


@dataclass(frozen=True)
class Listing:
    """A list as every database understands it.

    `equals` are attributes and the values they have throughout the list; it is sorted by the
    attributes in `order`, then by key. `low` (inclusive) and `high` (exclusive) bound the first of
    `order`. `after` is where the page before it ended.
    """

    organization: str
    equals: tuple[tuple[str, Scalar], ...]
    order: tuple[str, ...]
    low: Scalar | None
    high: Scalar | None
    descending: bool
    scope: bytes
    after: tuple[Scalar, ...] | None = None

    def page(self, rows: Sequence[Row[D]], limit: int) -> Page[D]:
        """A page of up to `limit` documents, from up to `limit` + 1 rows."""
        items = [document for _, document in rows[:limit]]
        if len(rows) <= limit:
            return Page(items)
        packed = msgspec.msgpack.encode((self.scope, rows[limit - 1][0]))
        return Page(items, urlsafe_b64encode(packed).decode().rstrip("="))


def listing(
    model: ReadModel[Any], organization: str, index: str, bounds: Bounds, cursor: str | None
) -> Listing:
    """The list asked for.

    Raises `WrongCursor`; KeyError, TypeError and ValueError if the index has no such bounds.
    """
    attributes = model.index(index).fields
    kind = kinds(model)
    fixed, order = attributes[: len(bounds.equals)], attributes[len(bounds.equals) :]
    bounded = bounds.low is not None or bounds.high is not None
    if len(bounds.equals) > len(attributes) or (bounded and not order):
        raise ValueError(f"index {index} of {model.name} has fewer fields than are bounded")
    low, high = (
        None if bound is None else scalar(bound, kind[order[0]])
        for bound in (bounds.low, bounds.high)
    )
    equals = tuple(
        (name, scalar(value, kind[name])) for name, value in zip(fixed, bounds.equals, strict=True)
    )
    scope = _scope(model.name, organization, attributes, equals, low, high, bounds.descending)
    after = None if cursor is None else _position(cursor, scope, [*(kind[n] for n in order), str])
    return Listing(organization, equals, order, low, high, bounds.descending, scope, after)


def _scope(*parts: object) -> bytes:
    return blake2b(msgspec.msgpack.encode(parts), digest_size=8).digest()


def _position(cursor: str, scope: bytes, expected: Sequence[type]) -> tuple[Scalar, ...]:
    try:
        made_by, values = _cursor.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeEncodeError, ValueError, msgspec.DecodeError) as unreadable:
        raise _wrong_cursor() from unreadable
    if made_by != scope or [type(value) for value in values] != list(expected):
        raise _wrong_cursor()
    return tuple(values)


def _wrong_cursor() -> WrongCursor:
    return WrongCursor("This cursor was made by another list: ask for the first page again.")
