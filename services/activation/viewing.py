"""An administrator looks a code up, which is recorded."""

from dataclasses import dataclass, replace

from chassis.cause import derived_id
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.edge import Edge
from services.activation.allowance import Allowance
from services.activation.domain.activation import CodeDead, activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import ViewCode
from services.activation.domain.state import Activation


@dataclass(frozen=True)
class Viewing:
    """Shows codes, so many a minute: whoever steals a sign-in does not have them all at once."""

    commands: CommandHandler
    allowance: Allowance

    async def view(self, edge: Edge, device_id: str) -> Outcome[Activation]:
        """Look a code up, dead or alive.

        Raises `AllowanceUsedUp`, `Unknown`, `StoreUnavailable`.
        """
        await self.allowance.spend(edge.organization)
        # The page and its QR code, and a reload, are one look: its id is that of the minute.
        minute = f"{edge.cause.at:%Y-%m-%dT%H:%M}"
        look = derived_id("view code", edge.organization, device_id, edge.cause.actor, minute)
        cause = replace(edge.cause, command_id=look)
        command = ViewCode(device_id, by=edge.cause.actor, at=edge.cause.at)
        aggregate = activation_of(edge.organization, device_id)
        return await self.commands.handle(cause, Intent(aggregate, activation, command))

    async def usable(self, edge: Edge, device_id: str) -> Outcome[Activation]:
        """Look up a code that can still be exchanged. Raises `CodeDead` too."""
        outcome = await self.view(edge, device_id)
        if not outcome.state.usable(edge.cause.at):
            raise CodeDead
        return outcome
