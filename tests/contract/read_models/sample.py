"""A small read model with every kind of attribute, and short ways to write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from chassis.read_models import Checkpoint, Index, ReadModel, ReadModelStore, Write

ACME, OTHER = "acme", "other"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class State(StrEnum):
    """Whether a desk can be taken."""

    FREE = "free"
    TAKEN = "taken"


@dataclass(frozen=True)
class Line:
    """A telephone line of a desk."""

    label: str
    port: int | None = None


@dataclass(frozen=True)
class Desk:
    """A desk with its lines."""

    name: str
    floor: int = 1
    hot: bool = False
    state: State = State.FREE
    since: datetime | None = None
    holder: str | None = None
    rank: int | None = None
    lines: tuple[Line, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


DESKS = ReadModel(
    "desks_v1",
    Desk,
    (
        Index("by_key", ()),
        Index("by_name", ("name",)),
        Index("by_floor", ("floor", "name")),
        Index("by_since", ("hot", "since")),
        Index("by_holder", ("holder",)),
        Index("by_rank", ("rank",)),
        Index("by_state", ("state", "name")),
    ),
)
MACHINES = ReadModel("machines_v1", Desk, (Index("by_name", ("name",)),))


def desk(
    key: str, document: Desk | None, *, after: int = 1, before: int = 0, organization: str = ACME
) -> Write[Desk]:
    """A write of a desk by the event `after`, over what the event `before` left (0: nothing)."""
    positions = {"SESSIONS": before} if before else {}
    return Write(DESKS, organization, key, document, positions, {"SESSIONS": after})


def reached(
    sequence: int, *, projector: str = "sessions", incarnation: str = "first"
) -> Checkpoint:
    """A checkpoint at this sequence."""
    return Checkpoint(projector, "SESSIONS", incarnation, sequence)


async def fill(store: ReadModelStore, desks: Mapping[str, Desk], organization: str = ACME) -> None:
    """Write new desks by key."""
    writes = [desk(key, one, organization=organization) for key, one in desks.items()]
    await store.apply(writes, reached(1, projector=f"fill {organization}"))


async def names(store: ReadModelStore, index: str, bounds: Any, limit: int = 50) -> list[str]:
    """The names of all desks of a list, page by page."""
    found, cursor = [], None
    while True:
        page = await store.find(DESKS, ACME, index, bounds, cursor=cursor, limit=limit)
        found += [one.name for one in page.items]
        if page.next is None:
            return found
        cursor = page.next
