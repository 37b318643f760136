"""How read models stand in MongoDB: documents, their ids, and the filters of lists."""

from collections.abc import Callable
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


def wanted(asked: Listing) -> Tree:
    """The filter that a list's documents pass, from where the page before ended."""
    found: Tree = {"organization": asked.organization}
    found |= {_attribute(name): value for name, value in asked.equals}
    bounds = _bounds(asked)
    if bounds:
        found[order(asked)[0]] = bounds
    if asked.after is not None:
        found["$or"] = _behind(asked, asked.after)
    return found


def _bounds(asked: Listing) -> Tree:
    bounds = {"$gte": asked.low, "$lt": asked.high}
    # The cursor's first value says no more than `$or` does, but the server can seek to it.
    if asked.after is not None and asked.descending:
        bounds |= {"$lte": asked.after[0], "$lt": None}
    elif asked.after is not None:
        bounds |= {"$gte": asked.after[0]}
    return {comparison: bound for comparison, bound in bounds.items() if bound is not None}


def _behind(asked: Listing, after: tuple[Scalar, ...]) -> list[Tree]:
    names = order(asked)
    beyond = "$lt" if asked.descending else "$gt"
    return [
        {**dict(zip(names[:depth], after, strict=False)), names[depth]: {beyond: after[depth]}}
        for depth in range(len(names))
    ]


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
