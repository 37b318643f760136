"""Kinds of values that events and requests share: ids, names, addresses and their limits."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

_NO_CONTROL_CHARACTERS = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"

PERSONAL: dict[str, Any] = {"x-personal-data": True}
"""Marks a field that holds personal data, so catalogues and erasure can find it."""


def _without_control_characters(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("must not contain line breaks or control characters")
    return text


class _PlainText(AfterValidator):
    """Tells other languages by a pattern what is checked here with a message for people."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, describe: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"pattern": _NO_CONTROL_CHARACTERS} | describe(schema)


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-z-]{1,64}$"), Field(title="id")]
"""Opaque: mostly a UUIDv7, never a name or an address."""
PlainText = _PlainText(_without_control_characters)
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PlainText,
    Field(title="name"),
]
OptionalText = Annotated[
    Annotated[str, Field(max_length=200), PlainText] | None, Field(default=None)
]
PersonName = Annotated[Name, Field(json_schema_extra=PERSONAL)]
Version = Annotated[int, Field(ge=1)]
Revision = Annotated[int, Field(ge=1)]
"""Counts what a device should be set up as, from 1, plus one per cause."""
Language = Annotated[str, StringConstraints(pattern=r"^(en|de|es|fr|ru)$"), Field(title="language")]
"""ISO 639-1 code of a language we have texts in."""
Fingerprint = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{32,64}$"), Field(title="fingerprint")
]
"""A keyed hash in lower-case hex."""
