"""JSON Schema 2020-12 of each event's data and of the envelope around it."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from schemas.catalog import published
from schemas.envelope import ENVELOPE_URI, Envelope, schema_uri
from schemas.event import Event

JsonSchema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _AsStored(GenerateJsonSchema):
    """Describes what stands in the log: a member without a value is absent there, never null."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchema:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchema:
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described


def event_schemas() -> dict[str, JsonSchema]:
    """Schemas of all current events by wire name."""
    return {kind.wire_name: event_schema(kind) for kind in published()}


def event_schema(kind: type[Event]) -> JsonSchema:
    """The schema of one event's data. Further members may join later, so they are allowed."""
    marks: JsonSchema = {"x-aggregate": kind.aggregate}
    if kind.erases:
        marks["x-erases"] = True
    return _document(kind, schema_uri(kind.wire_name), kind.short_name, marks)


def envelope_schema() -> JsonSchema:
    """The schema of the envelope, the same for all events."""
    document = _document(Envelope, ENVELOPE_URI, "Envelope", {})
    fields = Envelope.model_fields.items()
    always = [name for name, field in fields if field.is_required() or field.default is not None]
    return document | {"required": always}


def message_schema(kind: type[BaseModel]) -> JsonSchema:
    """What a question or an answer looks like on the wire."""
    return kind.model_json_schema(schema_generator=_AsStored)


def _document(model: type[BaseModel], uri: str, title: str, marks: JsonSchema) -> JsonSchema:
    described = model.model_json_schema(schema_generator=_AsStored)
    head = {"$schema": DIALECT, "$id": uri, "title": title}
    order = ("description", "type", "properties", "required", "$defs")
    return head | marks | {key: described[key] for key in order if key in described}
