"""Kinds of values that events and requests share: ids, names, addresses and their limits."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema

from schemas.said import said

_NO_CONTROL_CHARACTERS = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"

PERSONAL: dict[str, Any] = {"x-personal-data": True}
"""Marks a field that holds personal data, so catalogues and erasure can find it."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""The Unicode categories Cc, Cs, Zl and Zp."""

_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""What is not seen, or turns the direction of what is: two names that look alike are alike.

Not the joiners U+200C and U+200D: Persian, Hindi and others are not written without them.
"""


def without_control_characters(text: str) -> str:
    """The same text. Raises ValueError."""
    if _CONTROL.search(text):
        raise ValueError(said("This must not contain line breaks or control characters."))
    return text


def without_invisible_characters(text: str) -> str:
    """The same text. Raises ValueError, with the number of the character, which nobody sees."""
    if found := _INVISIBLE.search(text):
        raise ValueError(
            said(
                "This must not contain the invisible character U+%(number)s. Delete it, or type "
                "this anew instead of pasting it.",
                number=f"{ord(found[0]):04X}",
            )
        )
    return text


class _PlainText(AfterValidator):
    """Tells other languages by a pattern what is checked here with a message for people."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, describe: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"pattern": _NO_CONTROL_CHARACTERS} | describe(schema)


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-z-]{1,64}$"), Field(title="id")]
"""Opaque: mostly a UUIDv7, never a name or an address."""
PlainText = _PlainText(without_control_characters)
Visible = AfterValidator(without_invisible_characters)
"""For requests only: what facts of earlier times hold must load for ever."""
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    PlainText,
    Field(title="name"),
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
