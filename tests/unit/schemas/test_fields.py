"""Kinds of values: what they take, and that the published pattern says the same."""

import re
import sys
import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas.fields import (
    _CONTROL,
    Name,
    PersonName,
    PlainText,
    without_control_characters,
    without_invisible_characters,
)
from schemas.provisioning import Address, Host
from schemas.sessions import Domain, LoginId

BREAKING = ["a\nb", "a\rb", "a\x00b", "a\x1fb", "a\x7fb", "a\x85b", "a\u2028b", "a\u2029b"]


@pytest.mark.parametrize("text", BREAKING)
def test_control_characters_are_refused_in_code_and_by_the_published_pattern(text: str) -> None:
    plain: TypeAdapter[str] = TypeAdapter(Annotated[str, PlainText])
    with pytest.raises(ValidationError, match="must not contain line breaks"):
        plain.validate_python(text)
    assert not re.search(plain.json_schema()["pattern"], text)


def test_the_pattern_refuses_what_unicode_calls_a_control_a_surrogate_or_a_line_end() -> None:
    for number in range(sys.maxunicode + 1):
        refused = unicodedata.category(chr(number)) in {"Cc", "Cs", "Zl", "Zp"}
        assert bool(_CONTROL.search(chr(number))) == refused, f"U+{number:04X}"


@given(st.text())
def test_a_text_with_any_control_character_is_refused_wherever_it_stands(text: str) -> None:
    if any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in text):
        with pytest.raises(ValueError, match="must not contain line breaks"):
            without_control_characters(text)
    else:
        assert without_control_characters(text) == text


@pytest.mark.parametrize("number", [0x202E, 0x200B, 0x2066, 0xFEFF, 0x2060, 0xAD, 0xFFFF, 0xE0041])
def test_what_nobody_sees_is_refused_and_named(number: int) -> None:
    with pytest.raises(ValueError, match=f"U\\+{number:04X}"):
        without_invisible_characters(f"Ada{chr(number)}Lovelace")


@pytest.mark.parametrize(
    "text",
    ["\u0645\u06cc\u200c\u062e", "\u0915\u094d\u200d\u0937", "葛\U000e0100城", "🎧\ufe0f"],
)
def test_joiners_and_variants_that_names_are_written_with_are_taken(text: str) -> None:
    assert without_invisible_characters(text) == text


def test_facts_of_earlier_times_load_whatever_they_hold() -> None:
    assert TypeAdapter(Name).validate_python("a\u202eb") == "a\u202eb"


@pytest.mark.parametrize("text", ["Ada", "O'Brien-Ørsted", "雪", "Zoë 🎧", "a\u00a0b"])
def test_names_of_people_everywhere_are_taken(text: str) -> None:
    name: TypeAdapter[str] = TypeAdapter(Name)
    assert name.validate_python(f"  {text} ") == text
    assert re.search(name.json_schema()["pattern"], text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Name, "   "),
        (Name, "x" * 101),
        (Host, "SIP.example.com"),
        (Host, "sip example"),
        (Host, ""),
        (Address, "ada"),
        (Address, "ada@exa\nmple.com"),
        (Address, "ada@@example.com"),
        (Domain, "Example.com"),
        (Domain, "ada@example.com"),
        (LoginId, "ada"),
        (LoginId, "ada@Example.com"),
        (LoginId, "a\x00da@example.com"),
    ],
)
def test_what_does_not_fit_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Host, "sip.example.com"),
        (Host, "2001:db8::1"),
        (Address, "o'brien+desk@example.com"),
        (LoginId, "Ada@example.com"),
        (Domain, "münchen.example"),
    ],
)
def test_what_fits_is_taken_as_it_is(kind: Any, text: str) -> None:
    assert TypeAdapter(kind).validate_python(text) == text


def test_the_mark_of_personal_data_survives_beside_the_limits() -> None:
    class Person(BaseModel):
        name: PersonName

    field = Person.model_json_schema()["properties"]["name"]
    assert field["x-personal-data"] is True
    assert field["maxLength"] == 100
