"""The published language as others see it: complete, open, without secrets, true to the code."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from schemas import catalog, generate
from schemas.event import Event
from schemas.generate import ROOT
from schemas.publish.json_schema import JsonSchema, envelope_schema, event_schemas

EVENTS = catalog.published()
SCHEMAS = event_schemas()
ASYNCAPI: dict[str, Any] = yaml.safe_load((ROOT / "schemas/asyncapi.yaml").read_text())
EXAMPLES = sorted((ROOT / "schemas/examples").rglob("*.json"))

SECRET_WORDS = {"password", "passcode", "secret", "token", "code", "pin", "credential", "key"}
HARMLESS_ENDINGS = {"id", "version", "fingerprint"}
PERSONAL_NAMES = {"first_name", "last_name", "login_id", "address"}

every_event = pytest.mark.parametrize("kind", EVENTS, ids=[kind.wire_name for kind in EVENTS])


def fields(schema: JsonSchema) -> Iterator[tuple[str, JsonSchema]]:
    """Every field of a schema and of the shapes it defines, by name."""
    for shape in (schema, *schema.get("$defs", {}).values()):
        yield from shape.get("properties", {}).items()


def could_be_a_secret(name: str, field: JsonSchema) -> bool:
    words = name.split("_")
    named_like_one = bool(SECRET_WORDS & set(words)) and words[-1] not in HARMLESS_ENDINGS
    return named_like_one and field.get("type") not in ("integer", "boolean")


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolve(document: Any, reference: str) -> Any:
    part = document
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def test_the_generated_files_are_those_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    status = generate.main(["--check"])
    assert capsys.readouterr().out == ""
    assert status == 0


@every_event
def test_a_schema_is_valid_and_lets_unknown_members_pass(kind: type[Event]) -> None:
    schema = SCHEMAS[kind.wire_name]
    Draft202012Validator.check_schema(schema)
    assert '"additionalProperties": false' not in json.dumps(schema)


@every_event
def test_a_member_without_a_value_is_absent_never_null(kind: type[Event]) -> None:
    assert '"null"' not in json.dumps(SCHEMAS[kind.wire_name])


@every_event
def test_an_event_says_when_it_happens(kind: type[Event]) -> None:
    assert kind.__doc__ is not None
    assert kind.__doc__.strip().split("\n")[0].endswith(".")


@every_event
def test_the_aggregate_an_event_is_about_stands_in_its_data(kind: type[Event]) -> None:
    assert f"{kind.aggregate}_id" in SCHEMAS[kind.wire_name]["required"]


@every_event
def test_no_event_has_room_for_a_secret(kind: type[Event]) -> None:
    described = fields(SCHEMAS[kind.wire_name])
    assert [name for name, field in described if could_be_a_secret(name, field)] == []


@pytest.mark.parametrize("name", ["sip_password", "device_token", "secret", "code", "api_key"])
def test_a_text_field_named_like_a_secret_would_be_noticed(name: str) -> None:
    assert could_be_a_secret(name, {"type": "string"})
    assert could_be_a_secret(name, {"$ref": "#/$defs/Secret"})


@every_event
def test_personal_data_stands_only_in_contact_and_user_events(kind: type[Event]) -> None:
    marked = [n for n, field in fields(SCHEMAS[kind.wire_name]) if "x-personal-data" in field]
    assert marked == [] or kind.aggregate in ("contact", "user")


@every_event
def test_fields_named_like_personal_data_are_marked_as_such(kind: type[Event]) -> None:
    unmarked = [
        name
        for name, field in fields(SCHEMAS[kind.wire_name])
        if name in PERSONAL_NAMES and "x-personal-data" not in field
    ]
    assert unmarked == []


@every_event
def test_every_text_in_an_event_is_bounded(kind: type[Event]) -> None:
    unbounded = [
        name
        for name, field in fields(SCHEMAS[kind.wire_name])
        if field.get("type") == "string"
        and not {"maxLength", "pattern", "enum", "format"} & set(field)
    ]
    assert unbounded == []


def test_the_envelope_asks_for_what_cloudevents_asks_for() -> None:
    Draft202012Validator.check_schema(envelope_schema())
    assert {"specversion", "id", "source", "type"} <= set(envelope_schema()["required"])


def test_the_index_names_files_that_exist() -> None:
    index = json.loads((ROOT / "schemas/json/index.json").read_text())
    named = [entry[key] for entry in index["events"] for key in ("schema", "example")]
    named += [index["envelope"], index["asyncapi"]]
    assert [path for path in named if not (ROOT / path.removeprefix("/")).is_file()] == []


def test_the_asyncapi_document_has_no_loose_reference() -> None:
    found = set(references(ASYNCAPI))
    assert found
    for reference in found:
        assert resolve(ASYNCAPI, reference) is not None


def test_every_event_has_a_channel_named_like_its_subjects_and_is_sent_by_its_service() -> None:
    for kind in EVENTS:
        key = f"{kind.service}.{kind.short_name}"
        channel, operation = ASYNCAPI["channels"][key], ASYNCAPI["operations"][f"{key}.send"]
        assert channel["address"] == (
            f"evt.{kind.service}.{{organization}}.{kind.aggregate}.{{id}}.{{version}}"
            f".{kind.short_name}"
        )
        assert operation["action"] == "send"
        assert operation["tags"] == [{"name": kind.service}]


def test_every_parameter_of_an_address_is_declared() -> None:
    for channel in ASYNCAPI["channels"].values():
        in_address = re.findall(r"\{(\w+)\}", channel["address"])
        assert in_address == list(channel["parameters"])


def test_an_operation_sends_messages_of_its_own_channel() -> None:
    for operation in ASYNCAPI["operations"].values():
        channel = operation["channel"]["$ref"]
        offered = [f"{channel}/messages/{name}" for name in resolve(ASYNCAPI, channel)["messages"]]
        assert [message["$ref"] for message in operation["messages"]] == offered


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_is_the_message_the_asyncapi_document_describes(path: Any) -> None:
    content = json.loads(path.read_text())
    payload = f"#/components/messages/{content['type']}/payload"
    described = Draft202012Validator(
        {"$ref": payload, "components": ASYNCAPI["components"]}, format_checker=FormatChecker()
    )
    described.validate(content)
    assert not described.is_valid({**content, "type": "another.v1.Event"})
    assert not described.is_valid({**content, "data": {}})
