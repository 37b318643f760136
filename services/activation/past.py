"""What a device would have been set up as at any moment: provisioning's log, and who sat there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chassis.decider import Unknown
from chassis.event_store import Aggregate, ReadOnlyLog, Recorded
from services.activation.documents import MASK, Configuration, blank, compose, with_guest
from services.activation.past_guests import PastGuests
from services.activation.projections import (
    DeviceView,
    SecretReference,
    project_device,
    project_provider,
    project_sip_account,
)

D = TypeVar("D")

PROVISIONING = "provisioning"


@dataclass(frozen=True, slots=True)
class Moment:
    """A configuration with masked passwords, and by slot which sealed password belongs there."""

    configuration: Configuration
    secrets: tuple[SecretReference | None, ...]


@dataclass(frozen=True)
class Past:
    """Folds the log up to a moment just as the read models fold it up to now."""

    log_of: Callable[[str], ReadOnlyLog]
    guests: PastGuests

    async def at(self, organization: str, device_id: str, moment: datetime) -> Moment:
        """The configuration as of a moment.

        Raises `Unknown`, `StoreUnavailable`, `ReadModelsUnavailable`.
        """
        load = _Loading(self.log_of(PROVISIONING), organization, moment)
        device = (await load.views("device", [device_id], project_device)).get(device_id)
        if device is None or device.removed:
            raise Unknown("There was no such device then. Choose a later moment, or another one.")
        guest = await self.guests.at(organization, device_id, moment)
        return await _composed(load, with_guest(device, guest))


async def _composed(load: "_Loading", device: DeviceView) -> Moment:
    if not device.active:
        configuration = blank(device)
        return Moment(configuration, (None,) * len(configuration.slots))
    accounts = await load.views("sip_account", device.sip_account_ids, project_sip_account)
    provider_ids = dict.fromkeys(account.provider_id for account in accounts.values())
    providers = await load.views("provider", provider_ids, project_provider)
    configuration = compose(device, accounts, providers, dict.fromkeys(accounts, MASK))
    held = [accounts[one].secret for one in device.sip_account_ids]
    padding = [None] * (len(configuration.slots) - len(held))
    return Moment(configuration, (*held, *padding))


@dataclass(frozen=True)
class _Loading:
    log: ReadOnlyLog
    organization: str
    until: datetime

    async def views(
        self, kind: str, ids: Iterable[str], project: Callable[[D | None, Recorded], D | None]
    ) -> dict[str, D]:
        """What stood under these ids; one that was not there yet is left out."""
        wanted = [Aggregate(PROVISIONING, self.organization, kind, one) for one in ids]
        found: dict[str, D] = {}
        for history in await self.log.load(*wanted, until=self.until) if wanted else ():
            view: D | None = None
            for recorded in history.recorded:
                view = project(view, recorded)
            if view is not None:
                found[history.aggregate.id] = view
        return found
