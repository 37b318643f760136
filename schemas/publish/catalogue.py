"""The catalogue of all events as a page for people."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from schemas.publish.json_schema import JsonSchema
from schemas.publish.topology import Consumers

_HEAD = """\
<!-- Generated from the event classes and deploy/topology.yaml by `make schemas`. Do not edit. -->
# Events

Every fact Switchboard publishes, by the service that publishes it. A fact stands for ever on the
subject `evt.<service>.<organization>.<aggregate>.<id>.<version>.<Event>`; subscribe to one kind in
all organizations with `evt.<service>.*.<aggregate>.*.*.<Event>`.

The types are told exactly by the JSON Schema each event links to, the envelope around them by
[envelope.json](../schemas/json/envelope.json). A field marked `?` may be absent, and is never
null. Personal data is marked; it stands nowhere else. Expect events and fields to join: ignore
those you do not know.
"""
_TABLE = """\
| Event | When it happens | Fields | Who reacts |
|---|---|---|---|
"""


def catalogue(schemas: Mapping[str, JsonSchema], consumers: Consumers) -> str:
    """The page. `schemas` are the data of the events by wire name, grouped by service."""
    sections = [
        _section(service, {name: schemas[name] for name in names}, consumers)
        for service, names in groupby(schemas, key=lambda name: name.split(".")[0])
    ]
    return "\n".join([_HEAD, *sections])


def _section(service: str, schemas: Mapping[str, JsonSchema], consumers: Consumers) -> str:
    readers = ", ".join(consumers.readers_of(service)) or "nobody yet"
    lines = [f"## Published by {service}\n", f"Read models built from this log: {readers}.\n"]
    rows = (_row(name, schema, consumers) for name, schema in schemas.items())
    return "\n".join([*lines, _TABLE + "\n".join(rows), "", *_shapes(schemas)])


def _row(name: str, schema: JsonSchema, consumers: Consumers) -> str:
    service, version, event = name.split(".")
    link = f"[{event}](../schemas/json/{service}/{version}/{event}.json)"
    label = link if version == "v1" else f"{link} {version}"
    reacting = ", ".join(consumers.reacting_to(service, event)) or "nobody yet"
    return f"| {label} | {prose(schema)} | {fields(schema, schema)} | {reacting} |"


def _shapes(schemas: Mapping[str, JsonSchema]) -> Iterator[str]:
    shapes: dict[str, tuple[JsonSchema, JsonSchema]] = {}
    for schema in schemas.values():
        shapes |= {title: (shape, schema) for title, shape in schema.get("$defs", {}).items()}
    for title, (shape, root) in shapes.items():
        yield f"**{title}**: {prose(shape)} {fields(shape, root, ', ')}.\n"


def prose(schema: JsonSchema) -> str:
    """What a schema says of itself, for a cell of a table."""
    text = " ".join(schema.get("description", "").split()).replace("|", "\\|")
    return f"{text} Earlier facts may be missing from then on." if "x-erases" in schema else text


def fields(schema: JsonSchema, root: JsonSchema, between: str = "<br>") -> str:
    """The members of a schema that stands in `root`, for a cell of a table."""
    required = schema.get("required", [])
    return between.join(
        f"`{name}`{'' if name in required else '?'} {_type(field, root)}"
        for name, field in schema.get("properties", {}).items()
    )


def _type(field: JsonSchema, root: JsonSchema) -> str:
    if "$ref" in field:
        return str(root["$defs"][field["$ref"].rsplit("/", 1)[1]]["title"])
    if field.get("type") == "array":
        items = _type(field["items"], root)
        return f"list of {items}{_range(field, 'minItems', 'maxItems')}"
    mark = ", **personal**" if "x-personal-data" in field else ""
    return f"{field.get('title') or _scalar(field)}{mark}"


def _scalar(field: JsonSchema) -> str:
    values = field.get("enum") or [field[key] for key in ("const",) if key in field]
    if values:
        return " or ".join(f"`{value}`" for value in values)
    if field.get("format") == "date-time":
        return "time"
    kind = str(field.get("type", "any"))
    return {"string": "text"}.get(kind, kind) + _range(field, "minimum", "maximum")


def _range(field: Mapping[str, Any], low: str, high: str) -> str:
    least, most = field.get(low), field.get(high)
    if least is not None and most is not None:
        return f", {least} to {most}"
    if least is not None:
        return f", from {least}"
    return "" if most is None else f", up to {most}"
