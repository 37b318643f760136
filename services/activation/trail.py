"""The trail of a device's codes: what happened to each, and through whom, as one list."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chassis.command_handler import CommandHandler
from chassis.decider import Unknown
from chassis.event_store import History, Recorded
from chassis.read_models import Bounds, ReadModelStore
from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeIssued,
    ActivationCodeRevoked,
    ActivationCodeTried,
    ActivationCodeViewed,
    ActivationRequested,
    Client,
    DeviceActivated,
    DeviceConfigurationFetched,
    DeviceTokenRevoked,
)
from services.activation.domain.aggregates import activation_of
from services.activation.mails import MAILS, MailView
from services.activation.projections import CONTACTS, ContactView

MAILS_A_PAGE = 200
SOURCE_SHOWN = 8

What = Literal[
    "issued",
    "viewed",
    "requested",
    "mailed",
    "tried",
    "used",
    "expired",
    "revoked",
    "fetched",
    "token_revoked",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `source` tells tries from one address from those of another."""

    at: datetime
    what: What
    generation: int | None = None
    by: str | None = None
    detail: str | None = None
    address: str | None = None
    source: str | None = None
    client: Client | None = None
    revision: int | None = None


@dataclass(frozen=True)
class Trails:
    """Reads trails: the codes' own facts from the log, the mails' from what the notifier told."""

    commands: CommandHandler
    read_models: ReadModelStore

    async def of(self, organization: str, device_id: str, at: datetime) -> Sequence[Step]:
        """All steps, oldest first. Raises `Unknown`, `StoreUnavailable`."""
        (history,) = await self.commands.store.load(activation_of(organization, device_id))
        if not history.version:
            raise Unknown("There is no such device. Choose one of the list.")
        steps = [*told(history, at), *await self._mailed(organization, device_id)]
        return sorted(steps, key=lambda step: step.at)

    async def _mailed(self, organization: str, device_id: str) -> list[Step]:
        mails = [mail async for mail in self._mails(organization, device_id)]
        contacts: dict[str, ContactView | None] = {}
        for contact_id in {mail.contact_id for mail in mails}:
            contact = await self.read_models.get(CONTACTS, organization, contact_id)
            contacts[contact_id] = contact
        return [_step_of_mail(mail, contacts[mail.contact_id]) for mail in mails]

    async def _mails(self, organization: str, device_id: str) -> AsyncIterator[MailView]:
        bounds, cursor = Bounds(equals=(device_id,)), None
        while True:
            page = await self.read_models.find(
                MAILS, organization, "by_device", bounds, cursor=cursor, limit=MAILS_A_PAGE
            )
            for mail in page.items:
                yield mail
            if (cursor := page.next) is None:
                return


def _step_of_mail(mail: MailView, contact: ContactView | None) -> Step:
    emails = contact.emails if contact else ()
    address = next((e.address for e in emails if e.email_id == mail.address_id), None)
    return Step(mail.at, "mailed", mail.generation, detail=mail.status, address=address)


def told(history: History, at: datetime) -> Iterator[Step]:
    """The steps that an activation's own log tells, as of a moment."""
    live: ActivationCodeIssued | None = None
    for recorded in history.recorded:
        event = recorded.event
        if step := _step(recorded):
            yield step
        if isinstance(event, ActivationCodeIssued | ActivationCodeRevoked | DeviceActivated):
            yield from _unnoticed(live, recorded.envelope.time)
        if isinstance(event, ActivationCodeIssued):
            live = event
        elif not isinstance(event, ActivationCodeViewed | ActivationRequested):
            live = None if _ends(event, live) else live
    yield from _unnoticed(live, at)


def _unnoticed(live: ActivationCodeIssued | None, at: datetime) -> Iterator[Step]:
    """A code that was not used in time expired, whether anybody came across it or not."""
    if live and live.expires_at <= at:
        yield Step(live.expires_at, "expired", live.generation)


def _ends(event: object, live: ActivationCodeIssued | None) -> bool:
    kinds = ActivationCodeRevoked | DeviceActivated | ActivationCodeExpired
    return isinstance(event, kinds) and live is not None and event.generation == live.generation


def _step(recorded: Recorded) -> Step | None:
    at, by = recorded.envelope.time, recorded.envelope.actor
    match recorded.event:
        case ActivationCodeIssued(generation=generation):
            return Step(at, "issued", generation, by=by)
        case ActivationCodeViewed(generation=generation, by=viewer):
            return Step(at, "viewed", generation, by=viewer)
        case ActivationRequested(generation=generation):
            return Step(at, "requested", generation, by=by)
        case ActivationCodeRevoked(generation=generation, reason=reason):
            return Step(at, "revoked", generation, by=by, detail=reason)
    return _step_of_nobody(recorded) or _step_of_softphone(recorded)


def _step_of_nobody(recorded: Recorded) -> Step | None:
    at = recorded.envelope.time
    match recorded.event:
        case ActivationCodeTried(generation=generation, reason=reason, source=source):
            return Step(at, "tried", generation, detail=reason, source=source[:SOURCE_SHOWN])
        case ActivationCodeExpired(generation=generation, expired_at=expired_at):
            return Step(expired_at, "expired", generation)
    return None


def _step_of_softphone(recorded: Recorded) -> Step | None:
    at = recorded.envelope.time
    match recorded.event:
        case DeviceActivated() as event:
            return Step(at, "used", event.generation, client=event.client, revision=event.revision)
        case DeviceConfigurationFetched() as event:
            return Step(at, "fetched", detail=event.format, revision=event.revision)
        case DeviceTokenRevoked() as event:
            return Step(at, "token_revoked", detail=event.reason)
    return None
