"""Words for people that remember what was put into them, so that others can translate them."""

from collections.abc import Mapping
from typing import Any


class Said(str):
    """A text in English. `template` is the same with gaps such as `%(number)s`, not yet filled.

    The template is what catalogues of translations are asked for, and `values` fill the gaps of
    any language.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str]


def said(template: str, /, **values: object) -> Said:
    """Fill the gaps of a text."""
    texts = {name: str(value) for name, value in values.items()}
    return retold(template % texts if texts else template, template, texts)


def retold(text: str, template: str, values: Mapping[str, str]) -> Said:
    """What somebody else has said."""
    made = Said(text)
    made.template, made.values = template, values
    return made


def gaps(text: str) -> dict[str, Any]:
    """The members by which a text can be translated; none where the text itself is enough."""
    if isinstance(text, Said) and text.values:
        return {"template": text.template, "values": dict(text.values)}
    return {}
