"""What a replay of the log would mail, and why it would not mail the rest. Sends nothing."""

from dataclasses import dataclass
from datetime import datetime

from chassis.decider import present
from chassis.event_store import Recorded
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.domain.aggregates import notification_of
from services.notifier.domain.notification import notification
from services.notifier.domain.state import Notification
from services.notifier.preparation import NotReadyYet, OfNoUse
from services.notifier.reactions import Planning


@dataclass(frozen=True, slots=True)
class Prospect:
    """One mail that a replay comes across. `obstacle` says why it is not sent; None: it would be.

    The address is only shown of a mail that would be sent.
    """

    asked_at: datetime
    organization: str
    device_id: str
    notification_id: str | None
    language: str | None
    obstacle: str | None
    address: str | None = None


@dataclass(frozen=True)
class DryRun:
    """Looks at events as the reactions would, with nothing at hand that could send or record."""

    planning: Planning

    async def prospects(self, recorded: Recorded) -> list[Prospect]:
        """What this event leads to. Raises `StoreUnavailable`."""
        event = recorded.event
        if isinstance(event, ActivationRequested):
            return await self._of_request(recorded, event)
        if isinstance(event, NotificationPlanned) and event.resend_of:
            known = await self._known(recorded.envelope.organization, event.notification_id)
            return [await self._prospect(recorded, event.notification_id, known)] if known else []
        return []

    async def _of_request(self, recorded: Recorded, event: ActivationRequested) -> list[Prospect]:
        try:
            plans = await self.planning.plans(recorded, event)
        except NotReadyYet as missing:
            at, organization = recorded.envelope.time, recorded.envelope.organization
            return [Prospect(at, organization, event.device_id, None, None, str(missing))]
        found = []
        for plan in plans:
            known = await self._known(recorded.envelope.organization, plan.notification_id)
            state = known or present(notification.fold(notification.decide(plan, None)))
            found.append(await self._prospect(recorded, plan.notification_id, state))
        return found

    async def _known(self, organization: str, mail_id: str) -> Notification | None:
        aggregate = notification_of(organization, mail_id)
        return (await self.planning.commands.look(aggregate, notification)).state

    async def _prospect(self, recorded: Recorded, mail_id: str, known: Notification) -> Prospect:
        at, organization = recorded.envelope.time, recorded.envelope.organization

        def prospect(obstacle: str | None, address: str | None = None) -> Prospect:
            return Prospect(
                at, organization, known.device_id, mail_id, known.language, obstacle, address
            )

        if known.over:
            return prospect(f"is {known.status} already")
        try:
            wanted = await self.planning.preparation.instructions(organization, known)
        except OfNoUse as no_use:
            return prospect(no_use.reason)
        except NotReadyYet as missing:
            return prospect(str(missing))
        return prospect(None, wanted.address)
