"""Waits in a test for what another task brings about."""

import asyncio
from collections.abc import Awaitable, Callable

PAUSE_SECONDS = 0.01


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 10.0) -> None:
    """Come back when the condition is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(PAUSE_SECONDS)
