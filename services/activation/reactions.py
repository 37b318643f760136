"""Reactions: whenever something happened to a device elsewhere, its code follows here."""

from chassis.cause import Clock
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Recorded
from chassis.reactions import Reactions, RetryLater, caused_by
from schemas.provisioning import (
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import SERVICE, activation_of
from services.activation.domain.commands import Ended, RevokeCode
from services.activation.domain.device_facts import CodeStillToCome
from services.activation.issuing import Issuing

OVERTAKEN_RETRY_SECONDS = 1.0


def reactions(commands: CommandHandler, issuing: Issuing, clock: Clock) -> Reactions:
    """What activation does about events of other services."""

    async def issue(recorded: Recorded) -> None:
        envelope = recorded.envelope
        cause = caused_by(recorded, SERVICE, clock)
        device_id = recorded.event.aggregate_id
        await issuing.issue(cause, envelope.organization, device_id, envelope.version)

    async def revoke(recorded: Recorded, reason: Ended) -> None:
        envelope = recorded.envelope
        device_id = recorded.event.aggregate_id
        command = RevokeCode(device_id, envelope.version, reason)
        intent = Intent(activation_of(envelope.organization, device_id), activation, command)
        try:
            await commands.handle(caused_by(recorded, SERVICE, clock), intent)
        except CodeStillToCome as refused:
            raise RetryLater(str(refused), OVERTAKEN_RETRY_SECONDS) from refused

    async def on_device_created(recorded: Recorded) -> None:
        await issue(recorded)

    async def on_device_reactivated(recorded: Recorded) -> None:
        await issue(recorded)

    async def on_device_deactivated(recorded: Recorded) -> None:
        await revoke(recorded, "deactivated")

    async def on_device_removed(recorded: Recorded) -> None:
        await revoke(recorded, "removed")

    return {
        DeviceCreated: on_device_created,
        DeviceReactivated: on_device_reactivated,
        DeviceDeactivated: on_device_deactivated,
        DeviceRemoved: on_device_removed,
    }
