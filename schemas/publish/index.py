"""The index of all events: what a program needs to find schemas, examples and subjects."""

from collections.abc import Container, Mapping

from schemas.publish.json_schema import JsonSchema


def index(schemas: Mapping[str, JsonSchema], current: Container[str]) -> JsonSchema:
    """One entry per event. A superseded one is published no more, but old logs hold it."""
    return {
        "envelope": "/schemas/json/envelope.json",
        "asyncapi": "/schemas/asyncapi.yaml",
        "events": [_entry(name, schema, name in current) for name, schema in schemas.items()],
    }


def _entry(name: str, schema: JsonSchema, is_current: bool) -> JsonSchema:
    service, version, event = name.split(".")
    return {
        "type": name,
        "status": "current" if is_current else "superseded",
        "stream": service.upper(),
        "subject": f"evt.{service}.*.{schema['x-aggregate']}.*.*.{event}",
        "dataschema": schema["$id"],
        "schema": f"/schemas/json/{service}/{version}/{event}.json",
        "example": f"/schemas/examples/{service}/{version}/{event}.json",
    }
