"""Reactions: whenever instructions were asked for elsewhere, they are mailed from here."""

import asyncio
from collections.abc import Iterable
from typing import cast

from chassis.cause import Clock, derived_id7
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Aggregate, Recorded
from chassis.reactions import Reactions, RetryLater, caused_by
from schemas.activation import ActivationRequested
from services.notifier.delivery import Delivery
from services.notifier.domain.aggregates import SERVICE, notification_of
from services.notifier.domain.commands import PlanNotification
from services.notifier.domain.notification import notification
from services.notifier.preparation import NotReadyYet, Preparation
from services.notifier.retries import patience

DEFAULT_LANGUAGE = "en"


def reactions(
    commands: CommandHandler, preparation: Preparation, delivery: Delivery, clock: Clock
) -> Reactions:
    """What the notifier does about events of other services."""

    async def plan(recorded: Recorded, event: ActivationRequested) -> list[Aggregate]:
        organization = recorded.envelope.organization
        language = event.language or await contact_language(recorded, event.contact_id)
        planned = []
        for address_id in dict.fromkeys(event.address_ids):
            command = _plan(recorded, event, address_id, language)
            aggregate = notification_of(organization, command.notification_id)
            intent = Intent(aggregate, notification, command)
            await commands.handle(caused_by(recorded, SERVICE, clock), intent)
            planned.append(aggregate)
        return planned

    async def contact_language(recorded: Recorded, contact_id: str) -> str:
        try:
            contact = await preparation.contact(recorded.envelope.organization, contact_id)
        except NotReadyYet as missing:
            seconds = patience(recorded.envelope.time, clock())
            raise RetryLater(str(missing), seconds) from None
        return contact.language or DEFAULT_LANGUAGE

    async def on_activation_requested(recorded: Recorded) -> None:
        planned = await plan(recorded, cast(ActivationRequested, recorded.event))
        cause = caused_by(recorded, SERVICE, clock)
        # One address that makes trouble must not keep the mail from the others.
        results = await asyncio.gather(
            *(delivery.advance(aggregate, cause) for aggregate in planned), return_exceptions=True
        )
        _raise_most_urgent(result for result in results if result is not None)

    return {ActivationRequested: on_activation_requested}


def _plan(
    recorded: Recorded, event: ActivationRequested, address_id: str, language: str
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
    )


def _raise_most_urgent(troubles: Iterable[BaseException]) -> None:
    """Raise what is no mere wait, else the shortest wait, if there is any."""
    waits = []
    for trouble in troubles:
        if not isinstance(trouble, RetryLater):
            raise trouble
        waits.append(trouble)
    if waits:
        raise min(waits, key=lambda wait: wait.seconds)
