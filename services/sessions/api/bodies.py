"""Request bodies that change only what they name."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from chassis.decider import Invalid


def given(body: BaseModel, required: Collection[str] = ()) -> dict[str, Any]:
    """The fields that a PATCH names. Null takes a value away; raises `Invalid` where it cannot."""
    named = {name: getattr(body, name) for name in body.model_fields_set}
    for name in required:
        if name in named and named[name] is None:
            raise Invalid(name, "This cannot be taken away. Leave it out, or enter another value.")
    return named
