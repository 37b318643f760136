"""Kinds of values that events and requests share: ids, names, addresses and their limits."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

PERSONAL: dict[str, Any] = {"x-personal-data": True}
"""Marks a field that holds personal data, so catalogues and erasure can find it."""


def _without_control_characters(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise ValueError("must not contain line breaks or control characters")
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-z-]{1,64}$")]
PlainText = AfterValidator(_without_control_characters)
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PlainText,
]
OptionalText = Annotated[
    str | None,
    Field(default=None, max_length=200),
]
PersonName = Annotated[Name, Field(json_schema_extra=PERSONAL)]
Version = Annotated[int, Field(ge=1)]
Revision = Annotated[int, Field(ge=1)]
Language = Annotated[str, StringConstraints(pattern=r"^(en|de|es|fr|ru)$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,64}$")]
"""A keyed hash in lower-case hex."""
