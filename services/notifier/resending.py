"""A person wants a mail to be sent again: the same instructions, as a mail of its own."""

from dataclasses import dataclass

from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Refused, present
from chassis.edge import Edge
from services.notifier.domain.aggregates import notification_of
from services.notifier.domain.commands import PlanNotification
from services.notifier.domain.notification import notification
from services.notifier.domain.state import Notification
from services.notifier.preparation import OfNoUse, Preparation


class StillOnItsWay(Refused):
    """The mail will be sent, or tried again, without anybody's help."""


class CodeDead(Refused):
    """The activation code in the mail would not work any more."""


class AddressRemoved(Refused):
    """The contact does not have the address any more."""


@dataclass(frozen=True)
class Resending:
    """Plans a mail like an earlier one. Its code is the same, so it must still be alive."""

    commands: CommandHandler
    preparation: Preparation

    async def resend(self, edge: Edge, notification_id: str) -> Outcome[Notification | None]:
        """Plan it.

        Raises `Unknown`, `StillOnItsWay`, `CodeDead`, `AddressRemoved`, `NotReadyYet`,
        `StoreUnavailable`.
        """
        original = notification_of(edge.organization, notification_id)
        known = present((await self.commands.look(original, notification)).state)
        if not known.over:
            raise StillOnItsWay("Wait: this mail will be sent or tried again by itself.")
        await self._check(edge.organization, known)
        command = PlanNotification(
            notification_id=edge.resource_id,
            request_id=edge.resource_id,
            activation_id=known.activation_id,
            device_id=known.device_id,
            contact_id=known.contact_id,
            address_id=known.address_id,
            generation=known.generation,
            language=known.language,
            expires_at=known.expires_at,
            resend_of=notification_id,
        )
        aggregate = notification_of(edge.organization, edge.resource_id)
        return await self.commands.handle(edge.cause, Intent(aggregate, notification, command))

    async def _check(self, organization: str, known: Notification) -> None:
        try:
            await self.preparation.instructions(organization, known)
        except OfNoUse as no_use:
            if no_use.reason == "address_removed":
                raise AddressRemoved(
                    "Ask for the instructions of this device again, for an address of the contact."
                ) from None
            raise CodeDead(
                "Reissue the activation code, then ask for the instructions of this device again."
            ) from None
