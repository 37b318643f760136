"""The port to the read models: documents, their indexes, and how far they have been filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from chassis.read_model_versions import Versions

D = TypeVar("D")

Value = str | int | bool | datetime | None
"""What a list can be sorted and bounded by. None counts as empty text, or as less than any number;
a datetime needs a zone; text is compared by code point."""

Positions = Mapping[str, int]
"""Per stream, the sequence of the last event that changed a document."""

_HIGHEST = "\U0010ffff"


class Stale(Exception):
    """Another projector wrote these documents first: read them again and fold again."""


class WrongCursor(ValueError):
    """The cursor was not made by this list."""


class AnotherLog(Exception):
    """The stream is not the one these read models were filled from: it has been replaced."""


class Outdated(Exception):
    """What is kept was filled without one of these read models, or with another shape of it."""


class ReadModelsUnavailable(Exception):
    """The database did not answer in time. Whether it wrote anything is not known: ask again."""


class Damaged(ReadModelsUnavailable):
    """What the store keeps is not what it has written: its disk has changed it."""


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

    def __post_init__(self) -> None:
        """Names end up in tables and collections: only plain words will do."""
        known = {attribute.name for attribute in fields(cast(Any, self.document))}
        if unknown := self.sort_fields - known:
            raise ValueError(f"{self.name} has no {', '.join(sorted(unknown))} to be sorted by")
        if not all(name.isidentifier() for name in (self.name, *(i.name for i in self.indexes))):
            raise ValueError(f"{self.name} and its indexes need names of letters, digits and _")

    @property
    def sort_fields(self) -> frozenset[str]:
        """The attributes that any index is made of."""
        return frozenset(attribute for index in self.indexes for attribute in index.fields)

    def index(self, name: str) -> Index:
        """The index of that name. Raises KeyError."""
        for index in self.indexes:
            if index.name == name:
                return index
        raise KeyError(f"{self.name} has no index {name}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which part of an index to list.

    `equals` fixes its leading fields; `low` (inclusive) and `high` (exclusive) bound the next,
    where None sets no bound.
    """

    equals: tuple[Value, ...] = ()
    low: Value = None
    high: Value = None
    descending: bool = False


def prefix_range(prefix: str) -> tuple[str, str]:
    """Bounds (inclusive, exclusive) of the texts that begin like this."""
    return prefix, prefix + _HIGHEST


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
    """A document's new content, provided it still stands at `before` ({}: it never was there)."""

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


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as text, or None where there was one. Documents are kept in order of `place`."""

    place: tuple[str, ...]
    organization: str
    key: str
    positions: Positions
    body: str | None


@runtime_checkable
class ReadModelStore(Protocol):
    """The read models of one service, in one or more versions.

    `get`, `find` and `checkpoint` follow whatever version is live. `stored` and `apply` stay with
    the one that was live at `open`: a projector that goes on after a swap would leave a gap.
    Every method may raise `ReadModelsUnavailable`.
    """

    async def open(self, *models: ReadModel[Any], unsorted: bool = False) -> None:
        """Create what is missing: tables, collections, indexes.

        `unsorted` leaves the indexes for later, so that filling is quicker: open once more before
        anybody reads lists. Raises `Outdated` when events have been folded already that these
        models did not see.
        """
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of files and connections."""
        ...

    async def ping(self) -> None:
        """Raise if the store does not answer."""
        ...

    async def examine(self) -> None:
        """Look through files of the store's own from end to end. Raises `Damaged`."""
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
        """Write documents, then the checkpoint, which never overtakes them nor goes back.

        Raises `Stale` or `AnotherLog` with the checkpoint where it was; with MongoDB some of the
        documents may then have been written, each as a whole.
        """
        ...

    async def scrub(self) -> None:
        """Let nothing that was overwritten or deleted stay readable in files of the store's own."""
        ...

    async def checkpoint(self, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come, None if it never ran."""
        ...

    def at(self, version: int) -> "ReadModelStore":
        """The same store, reading and writing this version only. Open it before use.

        It shares the connections and is closed with the store it came from.
        """
        ...

    async def versions(self) -> Versions:
        """Which version is live, and which others are kept."""
        ...

    async def swap(self, version: int) -> None:
        """Let readers see the documents that were filled as `version`, at once.

        The version seen so far is kept: swap back to it. A plan to do so has been carried out
        then. Raises `UnknownVersion`.
        """
        ...

    async def plan(self, version: int | None, *, ready: bool = False) -> None:
        """Say which version is to take the place of the live one, None for none."""
        ...

    async def discard(self, version: int) -> None:
        """Delete what was filled as `version`. Raises `StillLive`."""
        ...

    async def scan(
        self, model: ReadModel[Any], after: tuple[str, ...] | None, limit: int
    ) -> list[Kept]:
        """What is kept of a read model, deleted documents as well, `limit` places at a time."""
        ...
