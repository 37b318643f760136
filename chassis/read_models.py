"""The port to the read models: documents, their indexes, and how far they have been filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

D = TypeVar("D")

Value = str | int | bool
Positions = Mapping[str, int]
"""Per stream, the sequence of the last event that changed a document."""


class Stale(Exception):
    """Another projector wrote these documents first: read them again and fold again."""


class WrongCursor(ValueError):
    """The cursor was not made by this list."""


@dataclass(frozen=True, slots=True)
class Index:
    """A sort order of a read model. `fields` are attributes of the document, the key ends it."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ReadModel(Generic[D]):
    """A named kind of document (a frozen dataclass). A changed document is a new name."""

    name: str
    document: type[D]
    indexes: tuple[Index, ...] = ()

    def index(self, name: str) -> Index:
        """The index of that name. Raises KeyError."""
        return next(index for index in self.indexes if index.name == name)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which part of an index to list.

    `equals` fixes its leading fields; `low` (inclusive) and `high` (exclusive) bound the next.
    """

    equals: tuple[Value, ...] = ()
    low: Value | None = None
    high: Value | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[D]):
    """Part of a list, and the opaque cursor of the next part (None: this was the last)."""

    items: list[D]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Stored(Generic[D]):
    """A document as it is kept. None is the trace of a deleted one, kept to refuse older events."""

    document: D | None = None
    positions: Positions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write(Generic[D]):
    """A document's new content, provided it still stands at `before`."""

    model: ReadModel[D]
    organization: str
    key: str
    document: D | None
    before: Positions
    after: Positions


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far one projector has read one stream.

    `incarnation` is the stream's creation time: another one means another log.
    """

    projector: str
    stream: str
    incarnation: str
    sequence: int


class ReadModelStore(Protocol):
    """The read models of one service."""

    async def open(self, *models: ReadModel[Any]) -> None:
        """Create what is missing: tables, collections, indexes."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of files and connections."""
        ...

    async def ping(self) -> None:
        """Raise if the store does not answer."""
        ...

    async def get(self, model: ReadModel[D], organization: str, key: str) -> D | None:
        """One document."""
        ...

    async def find(
        self,
        model: ReadModel[D],
        organization: str,
        index: str,
        bounds: Bounds = Bounds(),
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[D]:
        """A page of documents in index order. Raises `WrongCursor`."""
        ...

    async def stored(
        self, model: ReadModel[D], keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Stored[D]]:
        """What is kept under these (organization, key) pairs; absent ones are left out."""
        ...

    async def apply(self, writes: Sequence[Write[Any]], checkpoint: Checkpoint) -> None:
        """Write documents, then the checkpoint, which never overtakes them. Raises `Stale`."""
        ...

    async def checkpoint(self, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come, None if it never ran."""
        ...

    async def swap(self, version: int) -> None:
        """Let readers see the documents that were filled as `version`, at once."""
        ...
