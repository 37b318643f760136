"""Lets the commands of one process change the same claim one after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """A queue per name. Without it, a dozen commands at a time would only repeat each other.

    Other processes are not held back: the log itself decides between them.
    """

    def __init__(self) -> None:
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Wait for a turn with each of these names, and keep it until the block ends."""
        async with AsyncExitStack() as stack:
            # Always in the same order: nobody waits for somebody who waits for them.
            for name in sorted(set(names)):
                await stack.enter_async_context(self._queue(name))
            yield

    def _queue(self, name: str) -> asyncio.Lock:
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = asyncio.Lock()
        return queue
