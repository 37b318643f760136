"""Brings one notification as far as it will go now. Safe to repeat, and in two places at once."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from chassis.cause import Cause, Clock, Ids
from chassis.command_handler import CommandHandler, Intent, Outcome, VersionMismatch
from chassis.decider import present
from chassis.event_store import Aggregate, StoreUnavailable
from chassis.reactions import RetryLater
from services.notifier.domain.commands import (
    AttemptNotification,
    ConfirmSent,
    DeferNotification,
    FailNotification,
    MarkUncertain,
    NotificationCommand,
    SuppressNotification,
)
from services.notifier.domain.notification import AttemptRefused, notification
from services.notifier.domain.state import Notification
from services.notifier.letterhead import Letterhead
from services.notifier.mail import compose, message_id
from services.notifier.mailer import (
    Mailer,
    MailFateUnknown,
    MailPutOff,
    MailRefused,
    MailServerClosed,
)
from services.notifier.outbox import Outbox
from services.notifier.pace import Paces
from services.notifier.preparation import NotReadyYet, OfNoUse, Preparation
from services.notifier.retries import patience, pause
from services.notifier.settings import Settings
from services.notifier.templating import Templates

_OVERTAKEN_SECONDS = 1.0
_CONFIRMATION_PAUSES = (0.2, 1.0, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A notification as it was when looked at, and why it is being looked at."""

    aggregate: Aggregate
    cause: Cause
    state: Notification
    version: int
    planned_at: datetime

    @property
    def attempt(self) -> int:
        """The number of the attempt that can be made now."""
        return self.state.next_attempt


@dataclass(frozen=True, slots=True)
class Envelope:
    """Both addresses as the mail server is told them."""

    sender: str
    recipient: str


@dataclass(frozen=True)
class Delivery:
    """Sends what is due, and records what became of it."""

    commands: CommandHandler
    preparation: Preparation
    mailer: Mailer
    letterhead: Letterhead
    templates: Templates
    outbox: Outbox
    paces: Paces
    settings: Settings
    clock: Clock
    new_id: Ids

    async def advance(self, aggregate: Aggregate, cause: Cause) -> None:
        """Send the mail, or record why not.

        Raises `RetryLater` while there is more to do, `StoreUnavailable`.
        """
        seen = await self._settled(aggregate, cause)
        if seen.state.over:
            return
        self._wait_until(seen.state.retry_at)
        if self.clock() < seen.state.expires_at:
            self.outbox.check()
        try:
            wanted = await self.preparation.instructions(aggregate.organization, seen.state)
        except OfNoUse as no_use:
            await self._record(seen, SuppressNotification(aggregate.id, no_use.reason))
        except NotReadyYet as missing:
            raise RetryLater(str(missing), patience(seen.planned_at, self.clock())) from None
        else:
            letterhead = self.letterhead.of(wanted.own)
            mail_id = seen.state.message_id or message_id(aggregate.id, self.letterhead)
            # In a thread: it takes as long as some ten requests to this process.
            mail = await asyncio.to_thread(
                compose, wanted, letterhead, self.templates, mail_id, self.clock()
            )
            await self._send(seen, Envelope(letterhead.sender, wanted.address), mail)

    async def _settled(self, aggregate: Aggregate, cause: Cause) -> Seen:
        """What is known now. An attempt that never reported back becomes an uncertain one."""
        (history,) = await self.commands.store.load(aggregate)
        facts: Iterable[Any] = history.events
        state = present(notification.fold(facts))
        times = [recorded.envelope.time for recorded in history.recorded]
        seen = Seen(aggregate, cause, state, history.version, times[0])
        if not state.under_way:
            return seen
        left = self.settings.attempt_seconds - (self.clock() - times[-1]).total_seconds()
        if left > 0:
            reason = "an attempt is under way, or was cut off a moment ago"
            raise RetryLater(reason, min(left, self.settings.attempt_seconds))
        after = await self._record(
            seen, MarkUncertain(aggregate.id, state.attempts), if_version=seen.version
        )
        return replace(seen, state=present(after.state), version=after.version)

    def _wait_until(self, due: datetime | None) -> None:
        left = (due - self.clock()).total_seconds() if due else 0
        if left > 0:
            raise RetryLater("the mail server asked for patience", left)

    async def _send(self, seen: Seen, envelope: Envelope, mail: EmailMessage) -> None:
        attempt, version = seen.attempt, seen.version
        try:
            async with (
                self.paces.room(seen.aggregate.organization, envelope.recipient) as room,
                self.mailer.handover(envelope.sender, envelope.recipient) as handover,
            ):
                self.outbox.release()
                version = await self._begin(seen, str(mail["Message-ID"]))
                room.take()
                await handover.give(mail)
                await self._confirm(seen)
        except MailServerClosed as closed:
            raise self.outbox.hold(str(closed), self.settings.hold_seconds) from None
        except MailPutOff as put_off:
            await self._put_off(seen, version, put_off)
        except MailRefused as refused:
            await self._record(
                seen, FailNotification(seen.aggregate.id, attempt, refused.code), version
            )
        except MailFateUnknown:
            after = await self._record(seen, MarkUncertain(seen.aggregate.id, attempt), version)
            if not present(after.state).over:
                wait = pause(self.settings, seen.aggregate.id, attempt).total_seconds()
                raise RetryLater("the mail server was cut off", wait) from None

    async def _begin(self, seen: Seen, mail_id: str) -> int:
        """Take the right to send. Of two who try, one is told to come back later."""
        command = AttemptNotification(seen.aggregate.id, mail_id, self.clock())
        try:
            return (await self._record(seen, command, seen.version)).version
        except AttemptRefused as refused:
            raise RetryLater(str(refused), _OVERTAKEN_SECONDS) from None

    async def _confirm(self, seen: Seen) -> None:
        # The mail is out. Not to record it would mean to send it again: try for as long as we can.
        command = ConfirmSent(seen.aggregate.id, seen.attempt)
        for seconds in _CONFIRMATION_PAUSES:
            try:
                await self._record(seen, command)
            except StoreUnavailable:
                await asyncio.sleep(seconds)
            else:
                return
        await self._record(seen, command)

    async def _put_off(self, seen: Seen, version: int, put_off: MailPutOff) -> None:
        notification_id, attempt = seen.aggregate.id, seen.attempt
        if attempt >= self.settings.most_attempts:
            failed = FailNotification(notification_id, attempt, put_off.code)
            await self._record(seen, failed, version)
            return
        wait = pause(self.settings, notification_id, attempt)
        deferred = DeferNotification(notification_id, attempt, put_off.reason, self.clock() + wait)
        await self._record(seen, deferred, version)
        raise RetryLater(put_off.reason, wait.total_seconds())

    async def _record(
        self, seen: Seen, command: NotificationCommand, if_version: int | None = None
    ) -> Outcome[Notification | None]:
        cause = replace(seen.cause, command_id=self.new_id(), at=self.clock())
        try:
            outcome = await self.commands.handle(
                cause, Intent(seen.aggregate, notification, command, if_version)
            )
        except VersionMismatch:
            raise RetryLater("somebody else is sending this mail", _OVERTAKEN_SECONDS) from None
        after = present(outcome.state)
        if not after.under_way:
            self.outbox.count(after.status)
        return outcome
