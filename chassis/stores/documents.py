"""How a document is written down: a frozen dataclass as JSON, the same on every database."""

from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

from chassis.read_models import Positions, ReadModel
from chassis.stores.sorting import kinds

D = TypeVar("D")


def _written(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise NotImplementedError(f"{type(value).__name__} cannot be part of a document")


def _read(kind: type, value: object) -> object:
    if issubclass(kind, BaseModel):
        return kind.model_validate_json(msgspec.json.encode(value))
    raise NotImplementedError(f"{kind.__name__} cannot be part of a document")


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=_written)
_positions = msgspec.json.Decoder(dict[str, int])


def encode(document: object) -> str:
    """A document as JSON text: equal documents give equal text."""
    return _encoder.encode(document).decode()


def encode_tree(tree: object) -> str:
    """What `decode` would read as a document, as text: equal trees give equal text."""
    return _encoder.encode(tree).decode()


def decode(model: ReadModel[D], body: str) -> D:
    """The document that `encode` wrote."""
    kind: Any = model.document
    document: D = _decoder(kind).decode(body)
    return document


@cache
def _decoder(document: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(document, dec_hook=_read)


def encode_positions(positions: Positions) -> str:
    """Positions as text: equal positions give equal text."""
    return _encoder.encode(dict(positions)).decode()


def decode_positions(text: str) -> Positions:
    """The positions that `encode_positions` wrote."""
    return _positions.decode(text)


def shape(model: ReadModel[Any]) -> str:
    """A digest that changes when documents of this model would be kept or sorted differently."""
    sorting = {name: kind.__name__ for name, kind in kinds(model).items()}
    schema = _without_prose(msgspec.json.schema(model.document, schema_hook=_described))
    return sha256(_encoder.encode((schema, sorting))).hexdigest()[:16]


def _described(kind: type) -> dict[str, Any]:
    if issubclass(kind, BaseModel):
        return kind.model_json_schema()
    raise NotImplementedError(f"{kind.__name__} cannot be part of a document")


def _without_prose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_prose(item) for item in schema]
    if isinstance(schema, dict):
        return {
            name: _without_prose(part)
            for name, part in schema.items()
            if name not in ("description", "title") or not isinstance(part, str)
        }
    return schema
