"""Kinds of values: what they take, and that the published pattern says the same."""

import re
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas.fields import Name, PersonName, PlainText
from schemas.provisioning import Address, Host
from schemas.sessions import Domain, LoginId

BREAKING = ["a\nb", "a\rb", "a\x00b", "a\x1fb", "a\x7fb", "a\x85b", "a\u2028b", "a\u2029b"]


@pytest.mark.parametrize("text", BREAKING)
def test_control_characters_are_refused_in_code_and_by_the_published_pattern(text: str) -> None:
    plain: TypeAdapter[str] = TypeAdapter(Annotated[str, PlainText])
    with pytest.raises(ValidationError, match="must not contain line breaks"):
        plain.validate_python(text)
    assert not re.search(plain.json_schema()["pattern"], text)


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
