"""The AsyncAPI document is one by the specification's own schema."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.npm import ROOT, npm_ci

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "schemas/asyncapi.yaml").read_text())


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Draft7Validator:
    package = npm_ci("tools/asyncapi", tmp_path_factory.mktemp("npm"))
    name = f"{DOCUMENT['asyncapi']}-without-$id.json"
    schemas: Path = package / "node_modules/@asyncapi/specs/schemas"
    return Draft7Validator(json.loads((schemas / name).read_text()))


def test_the_document_is_valid(specification: Draft7Validator) -> None:
    assert [error.message for error in specification.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize("part", ["info", "asyncapi"])
def test_a_document_without_what_it_must_have_is_not(
    part: str, specification: Draft7Validator
) -> None:
    broken = deepcopy(DOCUMENT)
    del broken[part]
    assert not specification.is_valid(broken)


def test_a_channel_with_an_unknown_word_is_not(specification: Draft7Validator) -> None:
    broken = deepcopy(DOCUMENT)
    next(iter(broken["channels"].values()))["adress"] = "evt"
    assert not specification.is_valid(broken)
