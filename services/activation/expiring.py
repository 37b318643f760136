"""Codes expire at their time, whether anybody comes across them or not."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from chassis.cause import Cause, Clock, derived_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import INSTALLATION
from chassis.read_models import Bounds, ReadModelStore
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import SERVICE, activation_of
from services.activation.domain.commands import ExpireCode
from services.activation.live_codes import LIVE_CODES, LiveCodeView

SECONDS = 10.0
"""About so often somebody looks; codes that expired while nobody ran are all caught up with."""

AT_ONCE = 20


@dataclass
class Expiring:
    """Says of every code in its turn that it has expired. The log decides what is still to be said.

    Its read model may be behind, and other replicas look as well: whoever comes second says
    nothing.
    """

    commands: CommandHandler
    read_models: ReadModelStore
    clock: Clock
    _cursor: str | None = field(default=None, repr=False)

    async def expire(self) -> bool:
        """The next few codes that are due; whether there may be more.

        Raises `StoreUnavailable`, `ReadModelsUnavailable`.
        """
        # Bounds exclude their end, and a code is dead from that very moment on.
        due = self.clock() + timedelta(milliseconds=1)
        page = await self.read_models.find(
            LIVE_CODES,
            INSTALLATION,
            "by_expiry",
            Bounds(high=due),
            cursor=self._cursor,
            limit=AT_ONCE,
        )
        await asyncio.gather(*(self._expire(code) for code in page.items))
        # Not from the start again: those just done may still stand there.
        self._cursor = page.next
        return page.next is not None

    async def _expire(self, code: LiveCodeView) -> None:
        command_id = derived_id("expire", code.organization, code.id, str(code.generation))
        cause = Cause(command_id, self.clock(), f"service:{SERVICE}", command_id)
        aggregate = activation_of(code.organization, code.id)
        command = ExpireCode(code.id, code.generation, cause.at)
        await self.commands.handle(cause, Intent(aggregate, activation, command))
