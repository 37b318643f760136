"""`switchboard history device`: what happened to a device in every service, and because of what."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC

from chassis.event_store import Aggregate, Recorded
from chassis.read_models import Bounds
from schemas.provisioning import DeviceAccountsChanged, DeviceCreated, SipAccountAdded
from services.notifier.projections import NOTIFICATIONS
from services.sessions.associations import ASSOCIATIONS
from switchboard.operations.aggregates import find
from switchboard.operations.lines import data_line, event_row
from switchboard.operations.operator import Operator
from switchboard.operations.shown import ALL_WELL

MOST_NOTIFICATIONS = 200
MOST_GUESTS = 50


@dataclass(frozen=True)
class Timeline:
    """Everything about a device, oldest first, and further events that caused some of it."""

    events: list[Recorded]
    causes: Mapping[str, Recorded]

    def cause(self, recorded: Recorded) -> str | None:
        """Because of which event this one happened, None if it was nobody's but the actor's."""
        cause = self.causes.get(recorded.envelope.causationid)
        return f"{cause.event.short_name} of {cause.envelope.subject}" if cause else None


async def history(operator: Operator, device_id: str) -> int:
    """Show it. Raises `WrongSettings`, `StoreUnavailable`."""
    found = await timeline(operator, device_id)
    if operator.shown.as_json:
        for recorded in found.events:
            operator.shown.row({**event_row(recorded), "because_of": found.cause(recorded)})
        return ALL_WELL
    for recorded in found.events:
        _show(operator, recorded, found.cause(recorded))
    return ALL_WELL


async def timeline(operator: Operator, device_id: str) -> Timeline:
    """By direct reads of the aggregates only, however long the logs are."""
    device = await find(operator, "device", device_id)
    organization = device.organization
    activation = Aggregate("activation", organization, "activation", device_id)
    own, codes, mails, guests = await asyncio.gather(
        _load(operator, device),
        _load(operator, activation),
        _mails(operator, organization, device_id),
        _guests(operator, organization, device_id),
    )
    accounts = await _load(operator, *_accounts(organization, own))
    providers = await _load(operator, *_providers(organization, accounts))
    events = sorted([*own, *codes, *mails, *guests], key=_when)
    causes = {one.envelope.id: one for one in [*events, *accounts, *providers]}
    return Timeline(events, causes)


async def _mails(operator: Operator, organization: str, device_id: str) -> list[Recorded]:
    read_models = await operator.read_models("notifier")
    # Which mails there were stands in a read model; what became of them, in the log.
    page = await read_models.find(
        NOTIFICATIONS,
        organization,
        "by_device",
        Bounds(equals=(device_id,)),
        limit=MOST_NOTIFICATIONS,
    )
    mails = (Aggregate("notifier", organization, "notification", one.id) for one in page.items)
    return await _load(operator, *mails)


async def _guests(operator: Operator, organization: str, device_id: str) -> list[Recorded]:
    """Who sat at its desk, and how that desk was set up: of the newest guests."""
    read_models = await operator.read_models("sessions")
    page = await read_models.find(
        ASSOCIATIONS,
        organization,
        "by_device",
        Bounds(equals=(device_id,), descending=True),
        limit=MOST_GUESTS,
    )
    sessions = {("session", one.session_id) for one in page.items}
    desks = {("desk", one.desk_id) for one in page.items}
    places = [Aggregate("sessions", organization, *one) for one in sorted(sessions | desks)]
    told = await _load(operator, *places)
    return [one for one in told if getattr(one.event, "device_id", None) == device_id]


async def _load(operator: Operator, *aggregates: Aggregate) -> list[Recorded]:
    if not aggregates:
        return []
    log = await operator.log(aggregates[0].service)
    return [one for found in await log.load(*aggregates) for one in found.recorded]


def _accounts(organization: str, device: Iterable[Recorded]) -> list[Aggregate]:
    kinds = DeviceCreated | DeviceAccountsChanged
    ids = [i for one in device if isinstance(one.event, kinds) for i in one.event.sip_account_ids]
    return [Aggregate("provisioning", organization, "sip_account", i) for i in dict.fromkeys(ids)]


def _providers(organization: str, accounts: Iterable[Recorded]) -> list[Aggregate]:
    ids = [one.event.provider_id for one in accounts if isinstance(one.event, SipAccountAdded)]
    return [Aggregate("provisioning", organization, "provider", i) for i in dict.fromkeys(ids)]


def _when(recorded: Recorded) -> tuple[object, ...]:
    return recorded.envelope.time, recorded.position.service, recorded.position.sequence


def _show(operator: Operator, recorded: Recorded, cause: str | None) -> None:
    envelope = recorded.envelope
    at = f"{envelope.time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    what = recorded.event.short_name
    because = f", because of {cause}" if cause else ""
    operator.shown.line(f"{at}  {what}  (by {envelope.actor}{because})")
    if said := data_line(recorded):
        operator.shown.line(f"{'':21}{said}")
