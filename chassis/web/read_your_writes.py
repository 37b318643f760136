"""Read your writes: a read waits for the position its caller has seen, or says it could not."""

from typing import Any, Protocol

from litestar.connection import Request
from litestar.types import Message, Scope

from chassis.answers import POSITION_HEADER, STALE_HEADER
from chassis.edge import MalformedHeader
from chassis.event_store import Position, StoreUnavailable

WAIT_SECONDS = 2.0

_STALE = "stale"


class AwaitsPosition(Protocol):
    """Knows how far this service's read models have come."""

    async def wait_for(self, position: Position, seconds: float) -> bool:
        """Whether they show everything up to the position, at the latest after `seconds`."""
        ...


async def wait_for_position(request: Request[Any, Any, Any], progress: AwaitsPosition) -> None:
    """Hold a read back until it can show what its caller knows of. Raises `MalformedHeader`."""
    wanted = request.headers.get(POSITION_HEADER)
    if wanted is None or request.method not in {"GET", "HEAD"}:
        return
    request.state[_STALE] = not await _reached(_parsed(wanted), progress)


async def _reached(position: Position, progress: AwaitsPosition) -> bool:
    try:
        return await progress.wait_for(position, WAIT_SECONDS)
    except StoreUnavailable:
        # The read models answer without the log: better an old answer that says so than none.
        return False


def _parsed(text: str) -> Position:
    try:
        return Position.parse(text)
    except ValueError as error:
        raise MalformedHeader(str(error)) from None


async def mark_stale(message: Message, scope: Scope) -> None:
    """Add `Switchboard-Stale` to the answer of a read that could not wait long enough."""
    if message["type"] == "http.response.start" and scope["state"].get(_STALE):
        message["headers"] = [*message["headers"], (STALE_HEADER.lower().encode(), b"true")]
