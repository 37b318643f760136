"""Live pages: the server sends a part of a page again whenever it has changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from litestar.response import ServerSentEvent, ServerSentEventMessage

from chassis.observing.health import Health
from services.portal.declined import Declined
from services.portal.freshness import SignedOut

LOOK_SECONDS = 1.0
LONGEST_SECONDS = 600.0
"""Then the browser connects anew by itself: a token is checked, and a replica may be left."""
QUIET_SECONDS = 15.0
"""So often something is sent in any case, so that nobody in between takes it for dead."""

Fragment = Callable[[], Awaitable[str]]


def pushed(
    health: Health, fragment: Fragment, *, name: str = "part", seconds: float = LOOK_SECONDS
) -> ServerSentEvent:
    """The fragment now, and again whenever it is another one, looked at every so many `seconds`.

    The event `signed-out` says that the session is over, and why, in a word.
    """
    return ServerSentEvent(_events(health, fragment, name, seconds))


async def _events(
    health: Health, fragment: Fragment, name: str, seconds: float
) -> AsyncIterator[ServerSentEventMessage]:
    shown, quiet, loop = "", 0.0, asyncio.get_running_loop()
    end = loop.time() + LONGEST_SECONDS
    while loop.time() < end and not health.draining:
        try:
            now = await fragment()
        except SignedOut as over:
            yield ServerSentEventMessage(data=over.reason, event="signed-out")
            return
        except Declined:
            # A service is away for a moment: what is shown stays.
            now = shown
        quiet += seconds
        if now != shown:
            yield ServerSentEventMessage(data=now, event=name)
            shown, quiet = now, 0.0
        elif quiet >= QUIET_SECONDS:
            yield ServerSentEventMessage(comment="still here")
            quiet = 0.0
        await asyncio.sleep(seconds)
