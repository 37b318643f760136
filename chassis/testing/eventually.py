"""Waits in a test for what another task brings about."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 60.0
"""Waiting long costs nothing where the condition comes true, and a busy machine may need it."""

PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.1


async def eventually(
    condition: Callable[[], Awaitable[object]], seconds: float = PATIENCE_SECONDS
) -> None:
    """Come back when the condition is true. Raises TimeoutError."""
    pause = PAUSE_SECONDS
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
