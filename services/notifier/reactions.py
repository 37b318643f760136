"""Reactions: whenever instructions were asked for elsewhere, they are mailed from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from chassis.cause import Clock, derived_id7
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Recorded
from chassis.reactions import Reactions, RetryLater, caused_by
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.delivery import Delivery
from services.notifier.domain.aggregates import SERVICE, notification_of
from services.notifier.domain.commands import PlanNotification
from services.notifier.domain.notification import notification
from services.notifier.outbox import Outbox
from services.notifier.preparation import NotReadyYet, Preparation
from services.notifier.retries import patience


def _plan(
    recorded: Recorded,
    event: ActivationRequested,
    address_id: str,
    language: str,
    began: datetime,
) -> PlanNotification:
    return PlanNotification(
        notification_id=derived_id7(recorded.envelope.time, event.request_id, address_id),
        request_id=event.request_id,
        activation_id=event.activation_id,
        device_id=event.device_id,
        contact_id=event.contact_id,
        address_id=address_id,
        generation=event.generation,
        language=language,
        expires_at=event.expires_at,
        # This log was lost or came later: whoever asked before it began has long had a mail.
        of_no_use="before_start" if recorded.envelope.time < began else None,
    )


@dataclass(frozen=True)
class Planning:
    """Plans one mail per address, at once: sending them is another reaction."""

    commands: CommandHandler
    preparation: Preparation
    clock: Clock
    default_language: str

    async def plans(self, recorded: Recorded, event: ActivationRequested) -> list[PlanNotification]:
        """One for each address. Raises `NotReadyYet`, `StoreUnavailable`."""
        organization = recorded.envelope.organization
        language = event.language or await self.preparation.language(organization, event.contact_id)
        began = datetime.fromisoformat(await self.commands.store.incarnation())
        return [
            _plan(recorded, event, address_id, language or self.default_language, began)
            for address_id in dict.fromkeys(event.address_ids)
        ]

    async def on_activation_requested(self, recorded: Recorded) -> None:
        """Raises `RetryLater` while the reader's language is not known."""
        event = cast(ActivationRequested, recorded.event)
        try:
            plans = await self.plans(recorded, event)
        except NotReadyYet as missing:
            seconds = patience(recorded.envelope.time, self.clock())
            raise RetryLater(str(missing), seconds) from None
        for command in plans:
            aggregate = notification_of(recorded.envelope.organization, command.notification_id)
            intent = Intent(aggregate, notification, command)
            await self.commands.handle(caused_by(recorded, SERVICE, self.clock), intent)


@dataclass(frozen=True)
class Sending:
    """Sends what was planned. Several may be under way at once, each a mail of its own."""

    delivery: Delivery
    outbox: Outbox
    clock: Clock

    async def on_notification_planned(self, recorded: Recorded) -> None:
        """Raises `RetryLater` while there is more to do."""
        event = cast(NotificationPlanned, recorded.event)
        aggregate = notification_of(recorded.envelope.organization, event.notification_id)
        with self.outbox.following(recorded.envelope.time):
            await self.delivery.advance(aggregate, caused_by(recorded, SERVICE, self.clock))


def reactions(planning: Planning, sending: Sending) -> Reactions:
    """What the notifier does about events, those of its own log included."""
    return {
        ActivationRequested: planning.on_activation_requested,
        NotificationPlanned: sending.on_notification_planned,
    }
