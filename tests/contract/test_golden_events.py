"""The golden examples: what stands in logs today must be readable for ever."""

import json
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator, FormatChecker

from schemas import catalog
from schemas.envelope import Envelope, schema_uri
from schemas.generate import ROOT, schema_path

EXAMPLES = ROOT / "schemas/examples"
STORED = sorted(EXAMPLES.rglob("*.json"))
CURRENT = [path for path in STORED if catalog.find(json.loads(path.read_text())["type"])]

every_example = pytest.mark.parametrize(
    "path", STORED, ids=[str(path.relative_to(EXAMPLES)) for path in STORED]
)
every_current_example = pytest.mark.parametrize(
    "path", CURRENT, ids=[str(path.relative_to(EXAMPLES)) for path in CURRENT]
)


def stored(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def validate(content: object, schema: Path) -> None:
    described = json.loads((ROOT / schema).read_text())
    Draft202012Validator(described, format_checker=FormatChecker()).validate(content)


def test_every_published_event_has_a_schema_and_an_example_invariant_i34() -> None:
    lacking = [
        name
        for name in (kind.wire_name for kind in catalog.published())
        if not (ROOT / schema_path(name)).exists()
        or not (EXAMPLES.joinpath(*name.split(".")).with_suffix(".json")).exists()
    ]
    assert lacking == []


def test_every_schema_ever_published_keeps_its_example_invariant_i34() -> None:
    folder = ROOT / "schemas/json"
    published = [path.relative_to(folder) for path in folder.glob("*/v*/*.json")]
    assert published
    assert [path for path in published if not (EXAMPLES / path).exists()] == []


@every_example
def test_an_example_lies_where_its_type_says(path: Path) -> None:
    service, version, event = stored(path)["type"].split(".")
    place = path.relative_to(EXAMPLES)
    assert (place.parts[:2], place.name.split(".")[0]) == ((service, version), event)


@every_example
def test_an_example_is_read_in_its_newest_shape_and_stays_as_stored(path: Path) -> None:
    envelope = Envelope.model_validate_json(path.read_bytes())
    assert type(envelope.event()) in catalog.published()
    assert envelope.data == stored(path)["data"]


@every_example
def test_an_envelope_is_written_as_it_was_read(path: Path) -> None:
    written = Envelope.model_validate_json(path.read_bytes()).model_dump_json()
    assert json.loads(written) == stored(path)


@every_current_example
def test_an_event_is_written_as_it_was_read(path: Path) -> None:
    envelope = Envelope.model_validate_json(path.read_bytes())
    written = envelope.event().model_dump(mode="json", exclude_none=True, exclude_unset=True)
    assert written == envelope.data


@every_example
def test_an_example_obeys_the_published_schemas(path: Path) -> None:
    content = stored(path)
    validate(content, Path("schemas/json/envelope.json"))
    validate(content["data"], schema_path(content["type"]))


@every_example
def test_the_subject_names_the_aggregate_the_data_is_about(path: Path) -> None:
    envelope = Envelope.model_validate_json(path.read_bytes())
    event = envelope.event()
    assert envelope.subject == f"{event.aggregate}/{event.aggregate_id}"


@every_example
def test_source_and_schema_follow_from_the_type(path: Path) -> None:
    content = stored(path)
    service = content["type"].split(".")[0]
    assert content["source"] == f"/switchboard/{service}"
    assert content["dataschema"] == schema_uri(content["type"])
    described = json.loads((ROOT / schema_path(content["type"])).read_text())
    assert content["dataschema"] == described["$id"]


@every_example
def test_the_cloudevents_sdk_reads_what_we_write(path: Path) -> None:
    content = stored(path)
    event = JSONFormat().read(None, path.read_bytes())
    read = {name: event.get_attributes()[name] for name in ("id", "type", "subject", "actor")}
    assert read == {name: content[name] for name in read}
    assert event.get_extension("version") == content["version"]
    assert event.get_data() == content["data"]
