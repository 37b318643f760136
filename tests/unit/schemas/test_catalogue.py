"""The page about all events."""

from schemas.publish.catalogue import catalogue
from schemas.publish.json_schema import JsonSchema
from schemas.publish.topology import Consumers

EVENT: JsonSchema = {
    "title": "ContactAdded",
    "description": "A person,\nadded | entered.",
    "properties": {
        "contact_id": {"type": "string", "title": "id"},
        "first_name": {"type": "string", "title": "name", "x-personal-data": True},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string"},
        "label": {"type": "string", "enum": ["work", "home"]},
        "port": {"type": "integer", "minimum": 1, "maximum": 9},
        "most": {"type": "integer", "maximum": 9},
        "emails": {"type": "array", "items": {"$ref": "#/$defs/Email"}, "minItems": 1},
    },
    "required": ["contact_id", "first_name"],
    "$defs": {
        "Email": {
            "title": "Email",
            "description": "An address.",
            "properties": {"address": {"type": "string", "x-personal-data": True}},
            "required": ["address"],
        }
    },
}


def row(schema: JsonSchema, version: str = "v1") -> str:
    page = catalogue({f"probe.{version}.ContactAdded": schema}, Consumers())
    return next(line for line in page.splitlines() if line.startswith("| [ContactAdded]"))


def test_a_row_tells_when_the_event_happens_in_one_line() -> None:
    assert "| A person, added \\| entered. |" in row(EVENT)


def test_a_row_tells_the_type_of_every_field_and_marks_optional_and_personal_ones() -> None:
    assert (
        "| `contact_id` id<br>`first_name` name, **personal**<br>`at`? time<br>`note`? text"
        "<br>`label`? `work` or `home`<br>`port`? integer, 1 to 9<br>`most`? integer, up to 9"
        "<br>`emails`? list of Email, from 1 |"
    ) in row(EVENT)


def test_shapes_are_explained_below_the_table() -> None:
    page = catalogue({"probe.v1.ContactAdded": EVENT}, Consumers())
    assert "\n**Email**: An address. `address` text, **personal**.\n" in page


def test_a_later_version_and_an_erasing_event_say_so() -> None:
    erasing = row({**EVENT, "x-erases": True}, version="v2")
    assert erasing.startswith("| [ContactAdded](../schemas/json/probe/v2/ContactAdded.json) v2 |")
    assert "Earlier facts may be missing from then on." in erasing
