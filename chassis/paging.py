"""Query parameters of every list."""

from typing import Annotated

from litestar.params import QueryParameter

MOST_ITEMS = 200

Limit = Annotated[
    int,
    QueryParameter(
        ge=1, le=MOST_ITEMS, description="How many items to give back at most, 50 if unsaid."
    ),
]
Cursor = Annotated[
    str | None,
    QueryParameter(description="The member `next` of the page before; none for the first page."),
]
Beginning = Annotated[
    str | None, QueryParameter(max_length=100, description="How the name begins.")
]
