"""Tells the broker what is being worked on, so that nobody else is given it meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from nats.aio.msg import Msg
from nats.errors import Error as NatsError


@asynccontextmanager
async def at_work(messages: Callable[[], Iterable[Msg]], seconds: float) -> AsyncIterator[None]:
    """Say so every `seconds` of all `messages` that are in hand then, until the block ends."""
    telling = asyncio.create_task(_tell(messages, seconds))
    try:
        yield
    finally:
        telling.cancel()


async def _tell(messages: Callable[[], Iterable[Msg]], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        with suppress(NatsError):
            for message in messages():
                await message.in_progress()
