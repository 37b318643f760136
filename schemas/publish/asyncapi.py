"""The AsyncAPI 3.0 document: where each event is published and what it looks like there."""

from collections.abc import Mapping
from typing import Any

import yaml

from schemas.envelope import CONTENT_TYPE
from schemas.publish.json_schema import JsonSchema

Document = dict[str, Any]

ENVELOPE = "Envelope"

_NOTICE = "# Generated from the event classes by `make schemas`. Do not edit.\n"
_ABOUT = (
    "Facts published by Switchboard. One JetStream stream per service holds them for ever; the "
    "subject names organization, aggregate, version and event, so subscribers filter by subject. "
    "Every message is a CloudEvent in structured JSON. docs/events.md lists them in prose."
)

_PARAMETERS: Document = {
    "organization": {"description": "Id of the organization the fact belongs to."},
    "id": {"description": "Id of the aggregate the fact is about."},
    "version": {"description": "Counts the aggregate's events from 1 without gaps."},
}
_SERVER: Document = {
    "host": "{host}:{port}",
    "protocol": "nats",
    "description": "The NATS server of your installation. Ask its operators for an account.",
    "variables": {
        "host": {"default": "nats.example.com", "description": "Name of the server."},
        "port": {"default": "4222", "description": "Port for clients."},
    },
}


class _Plain(yaml.SafeDumper):
    """Writes a value out each time it occurs: anchors are hard to read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def asyncapi_yaml(
    schemas: Mapping[str, JsonSchema], envelope: JsonSchema, release: str, license_name: str
) -> str:
    """The document as a file. `schemas` are the data of the events by wire name."""
    document = asyncapi(schemas, envelope, release, license_name)
    return _NOTICE + yaml.dump(document, Dumper=_Plain, sort_keys=False, width=100)


def asyncapi(
    schemas: Mapping[str, JsonSchema], envelope: JsonSchema, release: str, license_name: str
) -> Document:
    """The document as a value. Versions of one event share its channel, as they do its subject."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchboard events",
            "version": release,
            "description": _ABOUT,
            "license": {"name": license_name},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"installation": _SERVER},
        "channels": _channels(schemas),
        "operations": _operations(schemas),
        "components": {
            "parameters": _PARAMETERS,
            "messages": {name: _message(name, schema) for name, schema in schemas.items()},
            "schemas": {
                ENVELOPE: _inlined(ENVELOPE, envelope),
                **{name: _inlined(name, schema) for name, schema in schemas.items()},
            },
        },
    }


def _channels(schemas: Mapping[str, JsonSchema]) -> Document:
    channels: Document = {}
    for name, schema in schemas.items():
        service, _, event = name.split(".")
        channel = channels.setdefault(_channel(name), {})
        messages = channel.get("messages", {}) | {name: _ref("components", "messages", name)}
        channel |= {
            "address": f"evt.{service}.{{organization}}.{schema['x-aggregate']}.{{id}}"
            f".{{version}}.{event}",
            "title": event,
            "description": f"Stored in the stream {service.upper()}.",
            "servers": [_ref("servers", "installation")],
            "parameters": {key: _ref("components", "parameters", key) for key in _PARAMETERS},
            "messages": messages,
        }
    return channels


def _operations(schemas: Mapping[str, JsonSchema]) -> Document:
    operations: Document = {}
    for name, schema in schemas.items():
        service, channel = name.split(".")[0], _channel(name)
        operation = operations.setdefault(
            f"{channel}.send",
            {
                "action": "send",
                "channel": _ref("channels", channel),
                "summary": schema["description"].split("\n")[0],
                "tags": [{"name": service}],
                "messages": [],
            },
        )
        operation["messages"].append(_ref("channels", channel, "messages", name))
    return operations


def _message(name: str, schema: JsonSchema) -> Document:
    data = {
        "type": {"const": name},
        "dataschema": {"const": schema["$id"]},
        "data": _ref("components", "schemas", name),
    }
    return {
        "name": name,
        "title": schema["title"],
        "summary": schema["description"],
        "contentType": CONTENT_TYPE,
        "payload": {"allOf": [_ref("components", "schemas", ENVELOPE), {"properties": data}]},
    }


def _inlined(name: str, schema: JsonSchema) -> Document:
    body = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
    return {key: _redirected(value, name) for key, value in body.items()}


def _redirected(part: Any, name: str) -> Any:
    """The same with its references led through the document the schema stands in now."""
    match part:
        case {"$ref": str(target)}:
            return part | _ref("components", "schemas", name, *target.split("/")[1:])
        case dict():
            return {key: _redirected(value, name) for key, value in part.items()}
        case list():
            return [_redirected(value, name) for value in part]
    return part


def _channel(wire_name: str) -> str:
    service, _, event = wire_name.split(".")
    return f"{service}.{event}"


def _ref(*steps: str) -> Document:
    return {"$ref": "#/" + "/".join(steps)}
