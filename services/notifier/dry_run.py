"""What a replay of the log would mail, and why it would not mail the rest. Sends nothing."""

from dataclasses import dataclass
from datetime import datetime

from chassis.command_handler import CommandHandler
from chassis.event_store import Recorded
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.domain.aggregates import notification_of
from services.notifier.domain.notification import notification
from services.notifier.domain.state import Notification
from services.notifier.preparation import NotReadyYet, OfNoUse, Preparation
from services.notifier.reactions import notification_id, plan_of


@dataclass(frozen=True, slots=True)
class Prospect:
    """One mail that a replay comes across. `obstacle` says why it is not sent; None: it would be.

    Address and language are only known of a mail that would be sent.
    """

    asked_at: datetime
    organization: str
    device_id: str
    notification_id: str
    obstacle: str | None
    address: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class DryRun:
    """Looks at events as the reactions would, with nothing at hand that could send or record."""

    commands: CommandHandler
    preparation: Preparation

    async def prospects(self, recorded: Recorded) -> list[Prospect]:
        """What this event leads to. Raises `StoreUnavailable`."""
        organization, event = recorded.envelope.organization, recorded.event
        if isinstance(event, ActivationRequested):
            ids = {notification_id(recorded, event, one): one for one in event.address_ids}
            return [
                await self._of_request(recorded, event, mail_id, address_id)
                for mail_id, address_id in ids.items()
            ]
        if isinstance(event, NotificationPlanned) and event.resend_of:
            known = await self._known(organization, event.notification_id)
            return [await self._prospect(recorded, event.notification_id, known)] if known else []
        return []

    async def _of_request(
        self, recorded: Recorded, event: ActivationRequested, mail_id: str, address_id: str
    ) -> Prospect:
        known = await self._known(recorded.envelope.organization, mail_id)
        if known is None:
            began = datetime.fromisoformat(await self.commands.store.incarnation())
            plan = plan_of(recorded, event, address_id, event.language or "", began)
            known = notification.fold(notification.decide(plan, None))
        assert known is not None  # noqa: S101 - a plan always makes one
        return await self._prospect(recorded, mail_id, known)

    async def _known(self, organization: str, mail_id: str) -> Notification | None:
        aggregate = notification_of(organization, mail_id)
        return (await self.commands.look(aggregate, notification)).state

    async def _prospect(self, recorded: Recorded, mail_id: str, known: Notification) -> Prospect:
        at, organization = recorded.envelope.time, recorded.envelope.organization

        def prospect(obstacle: str | None, address: str | None = None) -> Prospect:
            language = known.language or None
            return Prospect(at, organization, known.device_id, mail_id, obstacle, address, language)

        if known.over:
            return prospect(f"is {known.status} already")
        try:
            wanted = await self.preparation.instructions(organization, known)
        except OfNoUse as no_use:
            return prospect(no_use.reason)
        except NotReadyYet as missing:
            return prospect(str(missing))
        return prospect(None, wanted.address)
