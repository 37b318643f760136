"""How read models stand in MongoDB: documents, their ids, and the filters of lists."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import msgspec

from chassis.read_models import Kept, Positions, ReadModel, Stored, Write
from chassis.stores.documents import decode, encode, encode_tree
from chassis.stores.listing import Listing
from chassis.stores.sorting import Scalar, kinds, sort_values

D = TypeVar("D")

Tree = dict[str, Any]

FORBIDDEN = "%.$\0"
"""Signs that MongoDB gives a meaning to in names, and the one that stands for them."""


def collection(model: ReadModel[Any], version: int) -> str:
    """Where the documents of a read model are, in one version."""
    return f"{model.name}.{version}"


def document_id(organization: str, key: str) -> str:
    """Never the same for two organizations, whatever the key is."""
    return f"{quote(organization, safe='')}/{key}"


def guard(positions: Positions) -> Tree:
    """Positions so that equal ones match: MongoDB compares the order of names as well."""
    return dict(sorted(positions.items()))


def to_tree(write: Write[Any]) -> Tree:
    """A document as it is kept. A deleted one has no organization, so that no list finds it."""
    name = document_id(write.organization, write.key)
    kept = {"_id": name, "positions": guard(write.after), "body": None}
    if write.document is None:
        return kept
    kind = kinds(write.model)
    body = _renamed(msgspec.json.decode(encode(write.document)), _escaped)
    listed = zip(map(_attribute, kind), sort_values(kind, write.document), strict=True)
    listed_under = {"organization": write.organization, "key": write.key, **dict(listed)}
    return kept | {"body": body} | listed_under


def as_stored(model: ReadModel[D], tree: Tree) -> Stored[D]:
    """What `to_tree` kept."""
    return Stored(None if tree["body"] is None else as_document(model, tree), tree["positions"])


def as_kept(tree: Tree) -> Kept:
    """What `to_tree` kept, as text."""
    organization, _, key = tree["_id"].partition("/")
    body = None if tree["body"] is None else encode_tree(_renamed(tree["body"], unquote))
    return Kept((tree["_id"],), unquote(organization), key, tree["positions"], body)


def as_document(model: ReadModel[D], tree: Tree) -> D:
    """The document that `to_tree` kept, which is not a deleted one."""
    return decode(model, msgspec.json.encode(_renamed(tree["body"], unquote)).decode())


def place(asked: Listing, tree: Tree) -> tuple[Scalar, ...]:
    """Where a document stands in a list."""
    return tuple(tree[name] for name in order(asked))


def order(asked: Listing) -> tuple[str, ...]:
    """The names that a list is sorted by."""
    return (*map(_attribute, asked.order), "key")


def index_fields(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The names that an index is made of."""
    return ("organization", *map(_attribute, fields), "key")


def ranges(asked: Listing) -> Iterator[Tree]:
    """The filters of a list's parts in order, from where the page before ended.

    Each is one stretch of the index: what begins like the last document of the page before, in
    as many values as can be, then in one less. An `$or` of them all would have to be sorted.
    """
    listed: Tree = {"organization": asked.organization}
    listed |= {_attribute(name): value for name, value in asked.equals}
    names, bounds = order(asked), _between(asked.low, asked.high)
    if asked.after is None:
        yield listed | ({names[0]: bounds} if bounds else {})
        return
    for depth in reversed(range(len(names))):
        rest = _beyond(asked, asked.after[depth]) if depth else _rest(asked, asked.after[0])
        alike = dict(zip(names[:depth], asked.after, strict=False))
        yield listed | alike | {names[depth]: rest}


def _rest(asked: Listing, last: Scalar) -> Tree:
    if asked.descending:
        return _between(asked.low, last)
    return _beyond(asked, last) | _between(None, asked.high)


def _beyond(asked: Listing, last: Scalar) -> Tree:
    return {"$lt" if asked.descending else "$gt": last}


def _between(low: Scalar | None, high: Scalar | None) -> Tree:
    bounds = {"$gte": low, "$lt": high}
    return {comparison: bound for comparison, bound in bounds.items() if bound is not None}


def _attribute(name: str) -> str:
    return f"by_{name}"


def _escaped(name: str) -> str:
    for sign in FORBIDDEN:
        name = name.replace(sign, f"%{ord(sign):02X}")
    return name


def _renamed(tree: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(tree, list):
        return [_renamed(item, rename) for item in tree]
    if isinstance(tree, dict):
        return {rename(name): _renamed(value, rename) for name, value in tree.items()}
    return tree
