"""An administrator has the instructions mailed to a device's contact."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Invalid, Unknown
from chassis.edge import Edge
from chassis.read_models import ReadModelStore
from schemas.provisioning import Email
from services.activation.allowance import Allowance
from services.activation.configurations import Configurations
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import RequestInstructions
from services.activation.domain.state import Activation
from services.activation.projections import CONTACTS


@dataclass(frozen=True)
class Instructing:
    """Asks for mails. Sending them is the notifier's."""

    commands: CommandHandler
    read_models: ReadModelStore
    configurations: Configurations
    allowance: Allowance

    async def request(
        self, edge: Edge, device_id: str, addresses: Iterable[str] | None
    ) -> Outcome[Activation]:
        """Ask for mails to these addresses of the contact.

        Raises `AllowanceUsedUp`, `Unknown`, `Invalid`, `CodeDead`, `NotReadyYet`,
        `StoreUnavailable`.
        """
        await self.allowance.spend(edge.organization)
        aggregate = activation_of(edge.organization, device_id)
        known = (await self.commands.look(aggregate, activation)).state
        if not known.generation:
            raise Unknown("There is no such device. Choose one of the list.")
        device = await self.configurations.device(
            edge.organization, device_id, known.device_version
        )
        contact = await self.read_models.get(CONTACTS, edge.organization, device.contact_id)
        if contact is None:
            raise Unknown("The contact of this device is gone. Choose another device.")
        command = RequestInstructions(
            device_id=device_id,
            request_id=edge.resource_id,
            contact_id=contact.id,
            address_ids=recipients(contact.emails, addresses),
            language=contact.language,
            at=edge.cause.at,
        )
        return await self.commands.handle(edge.cause, Intent(aggregate, activation, command))


def recipients(emails: Iterable[Email], addresses: Iterable[str] | None) -> tuple[str, ...]:
    """Ids of the addresses named; of all at work if none are, else of the first.

    Raises `Invalid` for an address that is not the contact's.
    """
    known = tuple(emails)
    if addresses is None:
        at_work = tuple(email.email_id for email in known if email.label == "work")
        return at_work or (known[0].email_id,)
    ids = {email.address.casefold(): email.email_id for email in known}
    chosen: dict[str, None] = {}
    for index, address in enumerate(addresses):
        if address.casefold() not in ids:
            raise Invalid(f"addresses.{index}", "Choose an address of the device's contact.")
        chosen[ids[address.casefold()]] = None
    return tuple(chosen)
