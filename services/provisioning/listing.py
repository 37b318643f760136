"""Lists of provisioning: filters that no index serves, and search over several indexes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from litestar.params import QueryParameter

from chassis.read_models import Bounds, Page, ReadModel, ReadModelStore, WrongCursor, prefix_range
from services.provisioning.views.contacts import CONTACTS, ContactView
from services.provisioning.views.search import (
    TERM_FIELDS,
    matches,
    words,
)

D = TypeVar("D")

Sort = Annotated[
    Literal["name", "-name", "created", "-created"],
    QueryParameter(description="By name or by when it was added; - is the other way round."),
]

MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    by_created: bool
    descending: bool

    @staticmethod
    def of(sort: str) -> "Order":
        """Read a `sort` parameter."""
        return Order(sort.endswith("created"), sort.startswith("-"))

    def index(self, filtered: str = "") -> str:
        """Name of the index for a filter (none: "") in this order."""
        if not filtered:
            return "by_created" if self.by_created else "by_name"
        return f"{filtered}_and_created" if self.by_created else filtered


async def sorted_page(
    store: ReadModelStore,
    model: ReadModel[D],
    organization: str,
    order: Order,
    cursor: str | None,
    limit: int,
) -> Page[D]:
    """A page of all there are. Raises `WrongCursor`."""
    bounds = Bounds(descending=order.descending)
    return await store.find(model, organization, order.index(), bounds, cursor=cursor, limit=limit)


@dataclass(frozen=True, slots=True)
class Sieve(Generic[D]):
    """A list of which only some documents are wanted."""

    model: ReadModel[D]
    index: str
    bounds: Bounds
    wanted: Callable[[D], bool]

    async def page(
        self, store: ReadModelStore, organization: str, cursor: str | None, limit: int
    ) -> Page[D]:
        """A page of the wanted ones. Raises `WrongCursor`."""
        items: list[D] = []
        while True:
            # Never more than are still wanted, so that the cursor stands behind the last of them.
            part = await store.find(
                self.model,
                organization,
                self.index,
                self.bounds,
                cursor=cursor,
                limit=limit - len(items),
            )
            items += filter(self.wanted, part.items)
            cursor = part.next
            if cursor is None or len(items) == limit:
                return Page(items, cursor)


async def search_contacts(
    store: ReadModelStore, organization: str, text: str, cursor: str | None, limit: int
) -> Page[ContactView]:
    """Contacts of which every word of `text` begins a name or an address.

    One index per term is gone through after the other; a contact is shown where its first term
    matches the longest word. Raises `WrongCursor`.
    """
    wanted = words(text)[:MOST_WORDS]
    place, inner = _place(cursor)
    items: list[ContactView] = []
    while True:
        sieve = _search(place, wanted)
        part = await sieve.page(store, organization, inner, limit - len(items))
        items += part.items
        if part.next is not None:
            return Page(items, f"{place}.{part.next}")
        place, inner = place + 1, None
        if place == len(TERM_FIELDS):
            return Page(items)
        if len(items) == limit:
            return Page(items, f"{place}.")


def _search(place: int, wanted: Sequence[str]) -> Sieve[ContactView]:
    longest = max(wanted, key=len)
    low, high = prefix_range(longest)

    def is_first_match(view: ContactView) -> bool:
        earlier = view.terms[:place]
        return not matches(earlier, [longest]) and matches(view.terms, wanted)

    field = TERM_FIELDS[place]
    return Sieve(CONTACTS, f"by_{field}", Bounds(low=low, high=high), is_first_match)


def _place(cursor: str | None) -> tuple[int, str | None]:
    if cursor is None:
        return 0, None
    place, dot, inner = cursor.partition(".")
    if not dot or place not in {str(number) for number in range(len(TERM_FIELDS))}:
        raise WrongCursor("This cursor was made by another list: ask for the first page again.")
    return int(place), inner or None
