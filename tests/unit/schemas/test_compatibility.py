"""Which changes to a published schema break a reader, and which do not."""

from copy import deepcopy
from typing import Any

import pytest

from schemas.compatibility import breaks

PATH = "provisioning/v1/ContactAdded.json"
SCHEMA: dict[str, Any] = {
    "$id": "/schemas/json/provisioning/v1/ContactAdded.json",
    "title": "ContactAdded",
    "description": "A person who gets devices.",
    "x-aggregate": "contact",
    "type": "object",
    "properties": {
        "contact_id": {"type": "string", "pattern": "^[a-z]+$"},
        "title": {"type": "string", "description": "A field may be called like a keyword."},
        "emails": {"type": "array", "items": {"$ref": "#/$defs/Email"}, "minItems": 1},
        "proxy": {"$ref": "#/$defs/Proxy"},
    },
    "required": ["contact_id", "emails"],
    "$defs": {
        "Email": {
            "type": "object",
            "properties": {
                "address": {"type": "string", "x-personal-data": True},
                "label": {"type": "string", "enum": ["work", "home"]},
            },
            "required": ["address", "label"],
        },
        "Proxy": {"type": "object", "properties": {"host": {"type": "string"}}},
    },
}
LABEL = "$defs.Email.properties.label"


def changed(place: str, value: object) -> dict[str, Any]:
    """The schema with another value at a place, None to remove it."""
    schema = deepcopy(SCHEMA)
    *steps, last = place.split(".")
    part = schema
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return schema


def breaks_by(place: str, value: object) -> list[str]:
    return breaks({PATH: SCHEMA}, {PATH: changed(place, value)})


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        ("properties.title", None, "title is gone"),
        ("properties.proxy", None, "proxy is gone"),
        ("properties.contact_id.type", "integer", '`type` of contact_id was "string"'),
        ("properties.contact_id.pattern", None, "`pattern` of contact_id was"),
        ("properties.contact_id.maxLength", 64, "`maxLength` of contact_id was absent and is 64"),
        ("properties.emails.minItems", 2, "`minItems` of emails was 1 and is 2"),
        ("properties.emails.items", {"type": "string"}, '`type` of emails[] was "object"'),
        ("properties.title.default", "Dr", "`default` of title was absent"),
        (f"{LABEL}.enum", ["work"], "`enum` of emails[].label was"),
        (f"{LABEL}.enum", ["work", "home", "car"], "`enum` of emails[].label was"),
        ("$defs.Email.properties.label", None, "emails[].label is gone"),
        ("$defs.Email.required", ["address"], "emails[].label is no longer required"),
        ("$defs.Proxy.required", ["host"], "proxy.host is required now"),
        ("$defs.Proxy.properties.host.type", "integer", "`type` of proxy.host was"),
        ("required", ["contact_id"], "emails is no longer required"),
        ("required", ["contact_id", "emails", "title"], "title is required now"),
        ("x-aggregate", "person", "`x-aggregate` of the event was"),
        ("additionalProperties", False, "`additionalProperties` of the event was absent"),
    ],
)
def test_a_change_that_some_reader_trips_over_is_a_break(
    place: str, value: object, complaint: str
) -> None:
    found = breaks_by(place, value)
    assert any(line.startswith(f"{PATH}: {complaint}") for line in found), found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("properties.language", {"type": "string"}),
        ("$defs.Email.properties.verified", {"type": "boolean"}),
        ("description", "A person, told in better words."),
        ("properties.contact_id.description", "Opaque."),
        ("$defs.Email.properties.address.title", "e-mail address"),
        ("$defs.Email.properties.address.x-personal-data", None),
        ("$defs.Unused", {"type": "string"}),
        ("required", ["emails", "contact_id"]),
        (f"{LABEL}.enum", ["home", "work"]),
    ],
)
def test_optional_additions_and_prose_break_nobody(place: str, value: object) -> None:
    assert breaks_by(place, value) == []


def test_a_field_that_joins_as_required_breaks_the_replay_of_old_events() -> None:
    new = changed("properties.language", {"type": "string"})
    new["required"] = [*new["required"], "language"]
    assert len(breaks({PATH: SCHEMA}, {PATH: new})) == 1


def test_the_class_behind_a_shape_may_be_renamed() -> None:
    new = deepcopy(SCHEMA)
    new["$defs"]["Relay"] = new["$defs"].pop("Proxy")
    new["properties"]["proxy"] = {"$ref": "#/$defs/Relay"}
    assert breaks({PATH: SCHEMA}, {PATH: new}) == []


def test_a_file_that_disappears_is_a_break_and_a_new_file_is_none() -> None:
    assert breaks({}, {PATH: SCHEMA}) == []
    (line,) = breaks({PATH: SCHEMA}, {})
    assert line.startswith(f"{PATH} is gone.")
    assert "upcast from provisioning.v1.ContactAdded in schemas/upcasts.py" in line


def test_a_break_names_the_way_out() -> None:
    (line,) = breaks_by("properties.title", None)
    assert "name the new class provisioning.v2.ContactAdded" in line
    assert "lift provisioning.v1.ContactAdded to it in schemas/upcasts.py" in line


def test_the_envelope_has_no_second_version_to_go_to() -> None:
    (line,) = breaks(
        {"envelope.json": SCHEMA}, {"envelope.json": changed("properties.title", None)}
    )
    assert line.endswith("every event ever written stands in this envelope.")
