"""What follows from provisioning's own facts: new revisions, and passwords nobody needs."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.cause import Cause, Clock, derived_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import EventStore, History, Recorded
from chassis.reactions import RetryLater, caused_by
from chassis.read_models import Bounds, ReadModelStore
from schemas.provisioning import (
    ServiceProviderChanged,
    SipAccountChanged,
    SipAccountSecretSet,
)
from services.provisioning.domain.aggregates import SERVICE, device_of, sip_account_of
from services.provisioning.domain.device import ReviseDevice, device
from services.provisioning.domain.sip_account import SealedSecret
from services.provisioning.projections import SIP_ACCOUNTS
from services.provisioning.removing import devices_with, every
from services.provisioning.safe import Safe

AT_ONCE = 200
SOONEST_SECONDS, LATEST_SECONDS = 0.05, 60.0
ADDED_WITH = 2
"""Version of the password an account is added with: it is told together with the account."""


@dataclass(frozen=True)
class Following:
    """Carries changes of providers and SIP accounts on to the devices that reach them."""

    commands: CommandHandler
    store: EventStore
    read_models: ReadModelStore
    safe: Safe
    clock: Clock

    async def revise(self, recorded: Recorded) -> None:
        """Give every device that reached it at that time one new revision per command.

        Raises `RetryLater` while the read models do not show that time, `StoreUnavailable`.
        """
        if _belongs_to_its_account(recorded):
            return
        await self.shown(recorded)
        organization = recorded.envelope.organization
        reached: dict[str, set[str]] = {}
        for account_id in [one async for one in self._accounts(recorded)]:
            async for view in devices_with(self.read_models, organization, account_id):
                reached.setdefault(view.id, set()).add(account_id)
        ids = sorted(reached)
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            await self._revise(recorded, {one: reached[one] for one in part})

    async def forget(self, recorded: Recorded) -> None:
        """Make passwords unreadable that nobody is to get any more: those before a removal, before
        a newer one, and before one that is typed on the device. Raises `StoreUnavailable`.
        """
        organization, event = recorded.envelope.organization, recorded.event
        if isinstance(event, SipAccountChanged) and not event.password_entered_on_device:
            return
        (history,) = await self.store.load(sip_account_of(organization, event.aggregate_id))
        for earlier in history.recorded:
            fact = earlier.event
            is_before = earlier.position.sequence < recorded.position.sequence
            if is_before and isinstance(fact, SipAccountSecretSet):
                secret = SealedSecret(fact.secret_id, fact.secret_version, fact.key_id)
                await self.safe.forget(organization, secret)

    async def shown(self, recorded: Recorded) -> None:
        """Wait until the read models show an event. Raises `RetryLater`."""
        reached = await self.read_models.checkpoint(SERVICE, SERVICE.upper())
        if reached is None or reached.sequence < recorded.position.sequence:
            pause = patience(recorded.envelope.time, self.clock())
            raise RetryLater("the read models do not show this yet", pause)

    async def _accounts(self, recorded: Recorded) -> AsyncIterator[str]:
        if not isinstance(recorded.event, ServiceProviderChanged):
            yield recorded.event.aggregate_id
            return
        bounds = Bounds(equals=(recorded.event.provider_id,))
        organization = recorded.envelope.organization
        async for view in every(
            self.read_models, SIP_ACCOUNTS, organization, "by_provider", bounds
        ):
            yield view.id

    async def _revise(self, recorded: Recorded, reached: dict[str, set[str]]) -> None:
        # One cause per command, however many facts it had.
        command_id = derived_id("revision", recorded.envelope.causationid)
        kind = recorded.envelope.subject.partition("/")[0]
        organization = recorded.envelope.organization
        histories = await self.store.load(*(device_of(organization, one) for one in reached))
        intents = [
            Intent(history.aggregate, device, ReviseDevice(history.aggregate.id, kind))
            for history in histories
            if _had(history, reached[history.aggregate.id], recorded.position.sequence)
            and all(one.envelope.causationid != command_id for one in history.recorded)
        ]
        if intents:
            await self.commands.handle_all(_cause(recorded, self.clock, command_id), *intents)


def _belongs_to_its_account(recorded: Recorded) -> bool:
    return (
        isinstance(recorded.event, SipAccountSecretSet) and recorded.envelope.version == ADDED_WITH
    )


def _had(history: History, accounts: set[str], sequence: int) -> bool:
    """Whether a device had one of these accounts when the log stood at `sequence`."""
    earlier: Sequence[Any] = [r.event for r in history.recorded if r.position.sequence < sequence]
    then = device.fold(earlier)
    return then is not None and not then.removed and bool(accounts & set(then.sip_account_ids))


def _cause(recorded: Recorded, clock: Clock, command_id: str) -> Cause:
    return replace(caused_by(recorded, SERVICE, clock), command_id=command_id)


def patience(since: datetime, now: datetime) -> float:
    """Seconds until another look at what is missing: the longer it has been, the longer."""
    waited = (now - since).total_seconds()
    return min(max(waited / 4, SOONEST_SECONDS), LATEST_SECONDS)
