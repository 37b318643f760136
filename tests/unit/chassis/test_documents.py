"""A document is written down the same whenever it is the same."""

from dataclasses import dataclass, field, make_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from chassis.read_models import Index, ReadModel
from chassis.stores.documents import decode, encode, shape


class Proxy(BaseModel):
    """A value from the published language."""

    model_config = ConfigDict(frozen=True)

    host: str
    seen: datetime


@dataclass(frozen=True)
class Provider:
    """A provider with everything a document may hold."""

    name: str
    proxy: Proxy | None = None
    proxies: tuple[Proxy, ...] = ()
    tags: frozenset[str] = frozenset()
    links: dict[str, str] = field(default_factory=dict)


PROVIDERS = ReadModel("providers_v1", Provider)
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
FULL = Provider(
    "sip", Proxy(host="a", seen=SEEN), (Proxy(host="b", seen=SEEN),), frozenset("xyz"), {"b": "a"}
)


def test_a_document_is_read_as_it_was_written() -> None:
    assert decode(PROVIDERS, encode(FULL)) == FULL


def test_equal_documents_are_equal_text() -> None:
    one = Provider("sip", tags=frozenset(["a", "b", "c"]), links={"x": "1", "y": "2"})
    other = Provider("sip", tags=frozenset(["c", "b", "a"]), links={"y": "2", "x": "1"})
    assert encode(one) == encode(other)


def test_an_attribute_added_with_a_default_reads_older_documents() -> None:
    assert decode(PROVIDERS, '{"name": "sip"}') == Provider("sip")


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="complex"):
        encode(Provider(name=1j))  # type: ignore[arg-type]  # that is what is tested


def document(*fields: Any, doc: str = "") -> type[Any]:
    made = make_dataclass("Document", fields, frozen=True)
    made.__doc__ = doc
    return made


@pytest.mark.parametrize(
    "fields",
    [
        [("title", str), ("extra", str)],
        [("title", int)],
        [("title", str | None)],
        [("title", str, "")],
        [("description", str)],
    ],
)
def test_another_attribute_is_another_shape(fields: list[Any]) -> None:
    before = ReadModel("documents_v1", document(("title", str)))
    assert shape(ReadModel("documents_v1", document(*fields))) != shape(before)


def test_an_attribute_to_sort_by_is_another_shape() -> None:
    kind = document(("title", str))
    sorted_by = ReadModel("documents_v1", kind, (Index("by_title", ("title",)),))
    assert shape(sorted_by) != shape(ReadModel("documents_v1", kind))


def test_prose_and_index_names_are_not_part_of_the_shape() -> None:
    one = ReadModel("documents_v1", document(("title", str)), (Index("a", ("title",)),))
    other = ReadModel(
        "documents_v2", document(("title", str), doc="Told otherwise."), (Index("b", ("title",)),)
    )
    assert shape(one) == shape(other)
