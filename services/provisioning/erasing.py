"""Forgets a person: what the log says of a contact is taken out of it, message by message."""

from dataclasses import dataclass

from chassis.event_store import EventStore, Recorded
from chassis.jetstream.erasure import Erase
from services.provisioning.domain.aggregates import contact_of


@dataclass(frozen=True)
class Erasing:
    """Removes the facts before `ContactErased`. Doing it again removes what is left."""

    store: EventStore
    erase: Erase

    async def on_contact_erased(self, recorded: Recorded) -> None:
        """Erase what is older than this fact. Raises `StoreUnavailable`, `MayNotErase`."""
        contact = contact_of(recorded.envelope.organization, recorded.event.aggregate_id)
        (history,) = await self.store.load(contact)
        for earlier in history.recorded:
            if earlier.position.sequence < recorded.position.sequence:
                await self.erase(earlier.position.sequence)
