"""Documents sort by what their annotations say."""

from dataclasses import dataclass, make_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.read_models import Index, ReadModel
from chassis.stores.sorting import kinds, scalar, sort_values


class Colour(Enum):
    """An enumeration of text."""

    RED = "red"


class Level(IntEnum):
    """An enumeration of numbers."""

    LOW = 1


class Word(StrEnum):
    """An enumeration that is text."""

    YES = "yes"


DeskId = NewType("DeskId", str)


def model(annotation: Any) -> ReadModel[Any]:
    document = make_dataclass("Document", [("value", annotation)], frozen=True)
    return ReadModel("documents_v1", document, (Index("by_value", ("value",)),))


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, str),
        (int, int),
        (bool, int),
        (datetime, str),
        (int | None, int),
        (Optional[str], str),  # noqa: UP045  # the old way to say it has to work as well
        (Annotated[int | None, "positive"], int),
        (DeskId | None, str),
        (Literal["a", "b"], str),
        (Literal[1, None], int),
        (Colour, str),
        (Level | None, int),
        (Word, str),
    ],
)
def test_an_attribute_sorts_as_text_or_as_a_number(annotation: Any, kind: type) -> None:
    assert kinds(model(annotation)) == {"value": kind}


@pytest.mark.parametrize("annotation", [float, str | int, tuple[str, ...], None, Any, dict])
def test_other_attributes_cannot_be_sorted_by(annotation: Any) -> None:
    with pytest.raises(TypeError, match="cannot be sorted by"):
        kinds(model(annotation))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, int, 1),
        (Colour.RED, str, "red"),
        (Level.LOW, int, 1),
        (None, str, ""),
        (None, int, -(2**63)),
        (datetime(2026, 1, 1, tzinfo=UTC), str, "2026-01-01T00:00:00.000000+00:00"),
    ],
)
def test_a_value_is_sorted_as_a_plain_one(value: Any, kind: type, expected: str | int) -> None:
    found = scalar(value, kind)
    assert found == expected
    assert type(found) is kind


@pytest.mark.parametrize(("value", "kind"), [("1", int), (1, str), (True, str), (1.5, int)])
def test_a_value_of_another_kind_is_refused(value: Any, kind: type) -> None:
    with pytest.raises(TypeError):
        scalar(value, kind)


zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.builds(
    lambda since, zone: (EPOCH + since).astimezone(zone),
    st.timedeltas(timedelta(days=-700_000), timedelta(days=2_000_000)),
    zones,
)


@given(moments, moments)
def test_times_sort_as_they_follow_on_each_other(one: datetime, other: datetime) -> None:
    assert (str(scalar(one, str)) < str(scalar(other, str))) == (one < other)


def test_a_document_that_is_sorted_by_an_unknown_attribute_is_refused() -> None:
    @dataclass(frozen=True)
    class Desk:
        """A desk."""

        name: str

    with pytest.raises(ValueError, match="no colour"):
        ReadModel("desks_v1", Desk, (Index("by_colour", ("colour",)),))


@pytest.mark.parametrize("name", ["desks v1", 'x"; DROP', "", "a.b", "1st"])
def test_names_of_read_models_and_indexes_are_plain_words(name: str) -> None:
    document = make_dataclass("Document", [("value", str)], frozen=True)
    with pytest.raises(ValueError, match="letters, digits"):
        ReadModel(name, document)
    with pytest.raises(ValueError, match="letters, digits"):
        ReadModel("documents_v1", document, (Index(name, ("value",)),))


def test_sort_values_stand_in_the_order_of_the_attributes() -> None:
    document = make_dataclass("Document", [("b", int), ("a", str), ("c", bool)], frozen=True)
    by_all: ReadModel[Any] = ReadModel("documents_v1", document, (Index("by_all", ("b", "a")),))
    assert sort_values(kinds(by_all), document(b=1, a="x", c=True)) == ["x", 1]
