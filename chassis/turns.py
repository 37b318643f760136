"""Lets the commands of one process change the same thing one after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """A queue per name. Without it, a dozen commands at a time would only repeat each other.

    Other processes are not held back: the log itself decides between them, and who is first in
    one process meets the first ones of the others only.
    """

    def __init__(self) -> None:
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator["Kept"]:
        """Turns that are kept until the block ends."""
        async with AsyncExitStack() as stack:
            yield Kept(self, stack)

    def queue(self, name: str) -> asyncio.Lock:
        """The one queue of this name."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = asyncio.Lock()
        return queue


class Kept:
    """The turns of one command."""

    def __init__(self, turns: Turns, stack: AsyncExitStack) -> None:
        self._turns = turns
        self._stack = stack
        self._names: set[str] = set()

    async def take(self, names: Iterable[str]) -> None:
        """Wait for a turn with each of these names; those that are kept already stay so."""
        wanted = self._names | set(names)
        if wanted == self._names:
            return
        # All anew and always in the same order: nobody waits for somebody who waits for them.
        await self._stack.aclose()
        self._names = set()
        for name in sorted(wanted):
            await self._stack.enter_async_context(self._turns.queue(name))
        self._names = wanted
