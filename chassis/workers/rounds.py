"""Goes a service's rounds for as long as its worker runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from chassis.backoff import jittered
from chassis.rounds import Round

_log = structlog.get_logger(__name__)


class Rounds:
    """Goes one round after the other, under a name for logs. It calls `beat` before each.

    The pauses differ, so that replicas do not go at the same moment.
    """

    def __init__(self, name: str, one: Round, beat: Callable[[], object] = lambda: None) -> None:
        self.name = name
        self._round = one
        self._beat = beat
        self.failure: str | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Go round until `stop()`. Never raises: `check()` says what is wrong."""
        while not self._stopping.is_set():
            self._beat()
            if not await self._go():
                await self._pause()

    async def check(self) -> str | None:
        """For readiness: None, or what is wrong."""
        return self.failure

    def stop(self) -> None:
        """End `run()` after the round under way."""
        self._stopping.set()

    async def _go(self) -> bool:
        try:
            more = await self._round.go()
        except Exception as error:
            self.failure = f"The last round failed ({type(error).__name__}); it goes on by itself."
            _log.warning("round_failed", name=self.name, reason=f"{type(error).__name__}: {error}")
            return False
        self.failure = None
        return more

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), jittered(self._round.seconds))
