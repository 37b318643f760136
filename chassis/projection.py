"""A read model as a pure fold over recorded events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chassis.event_store import Recorded
from chassis.read_models import ReadModel
from schemas.event import Event

D = TypeVar("D")


def own_organization(recorded: Recorded) -> str:
    """A document belongs to the organization its events belong to."""
    return recorded.envelope.organization


@dataclass(frozen=True)
class Projection(Generic[D]):
    """Folds the events named in `keys` into documents of `model`.

    `keys` gives, per event type, the key of the document an event changes. `project` gets the
    document so far (None: not there) and answers what it is now (None: not there any more).
    """

    model: ReadModel[D]
    keys: dict[type[Event], Callable[[Any], str]]
    project: Callable[[D | None, Recorded], D | None]
    organization: Callable[[Recorded], str] = own_organization
