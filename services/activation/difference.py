"""What changed in a device's configuration between two moments."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.activation.documents import Account
from services.activation.past import Moment
from services.activation.renderers.json_document import resource

_SECRETS = ("password", "ha1")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is another one now; `slot` is None for what belongs to the device.

    Values of secrets are masked, so they look the same before and after.
    """

    slot: int | None
    field: str
    before: Any
    after: Any


def difference(before: Moment, after: Moment) -> list[Change]:
    """Every field that differs, in the order of the document."""
    return [*_of_device(before, after), *_of_slots(before, after)]


def _of_device(before: Moment, after: Moment) -> Iterator[Change]:
    old, new = before.configuration, after.configuration
    for name in ("name", "revision"):
        if getattr(old, name) != getattr(new, name):
            yield Change(None, name, getattr(old, name), getattr(new, name))


def _of_slots(before: Moment, after: Moment) -> Iterator[Change]:
    old, new = (
        resource(moment.configuration).model_dump(mode="json")["accounts"]
        for moment in (before, after)
    )
    for index, (then, now) in enumerate(zip(old, new, strict=True)):
        for name in dict.fromkeys((*then, *now)):
            if then.get(name) != now.get(name) or _is_another(name, index, before, after):
                yield Change(index + 1, name, then.get(name), now.get(name))


def _is_another(name: str, index: int, before: Moment, after: Moment) -> bool:
    """Whether a masked value hides another one: its place in the safe tells."""
    accounts: list[Account | None] = [m.configuration.slots[index] for m in (before, after)]
    return (
        name in _SECRETS
        and all(account and account.password for account in accounts)
        and before.secrets[index] != after.secrets[index]
    )
