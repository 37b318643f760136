"""Asks the mail server now and then whether it would take a mail, before one has to wait for it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Gauge

from chassis.cause import Clock
from services.notifier.mailer import Mailer, MailPutOff, MailServerClosed
from services.notifier.outbox import Outbox
from services.notifier.settings import Settings

ASKED_EVERY = timedelta(minutes=1)
PATIENCE_SECONDS = 1.5
"""Probes wait no longer than two seconds; the answer is there for the next one."""

_log = structlog.get_logger(__name__)


@dataclass
class MailServer:
    """What `/readyz` warns of: true after a restart, too, and in each worker by itself."""

    mailer: Mailer
    outbox: Outbox
    settings: Settings
    clock: Clock
    registry: CollectorRegistry
    _unreachable: str | None = None
    _asked_at: datetime | None = None
    _asking: "asyncio.Task[None] | None" = None
    _gauge: Gauge = field(init=False)

    def __post_init__(self) -> None:
        self._gauge = Gauge(
            "switchboard_mail_server_unreachable",
            "1 while the mail server cannot be reached: all mails are put off.",
            registry=self.registry,
        )

    async def check(self) -> str | None:
        """None, or what is wrong and what to do about it."""
        if self._due():
            self._asked_at = self.clock()
            self._asking = asyncio.create_task(self._ask())
        if self._asking:
            await asyncio.wait([self._asking], timeout=PATIENCE_SECONDS)
        server = f"Mail server {self.settings.smtp_host}:{self.settings.smtp_port}"
        if closed := self.outbox.trouble:
            return (
                f"{server}: {closed}. All mails are held, none is lost. Check NOTIFIER_SMTP_… and "
                "NOTIFIER_MAIL_FROM, then restart this worker, or wait until it asks again."
            )
        if self._unreachable:
            return (
                f"{server}: {self._unreachable}. Mails are put off and tried again. Check "
                "NOTIFIER_SMTP_HOST, NOTIFIER_SMTP_PORT and the network."
            )
        return None

    def _due(self) -> bool:
        # While we are refused, each further try might lock the mail account.
        if self.outbox.trouble or (self._asking and not self._asking.done()):
            return False
        return self._asked_at is None or self.clock() >= self._asked_at + ASKED_EVERY

    async def _ask(self) -> None:
        unreachable = None
        try:
            await self.mailer.greet(self.settings.mail_from)
        except MailServerClosed as closed:
            self.outbox.hold(str(closed), self.settings.hold_seconds)
        except MailPutOff as put_off:
            unreachable = put_off.reason
        else:
            self.outbox.release()
        if unreachable and unreachable != self._unreachable:
            _log.warning("mail_server_unreachable", reason=unreachable)
        self._unreachable = unreachable
        self._gauge.set(unreachable is not None)
