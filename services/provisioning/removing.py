"""Takes things away: not while they are in use, and a contact with all its devices."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from chassis.cause import Cause, derived_id
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Refused
from chassis.event_store import MAX_BATCH, StoreUnavailable
from chassis.read_models import Bounds, ReadModel, ReadModelStore
from chassis.uses import StillInUse
from schemas.said import said
from services.provisioning.domain.aggregates import contact_of, device_of
from services.provisioning.domain.contact import Contact, EraseContact, RemoveContact, contact
from services.provisioning.domain.device import RemoveDevice, device
from services.provisioning.projections import DEVICES, SIP_ACCOUNTS, DeviceView
from services.provisioning.views.devices import ACCOUNT_FIELDS

D = TypeVar("D")

MOST_NAMED = 20
PAUSES_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
DEVICES_AT_ONCE = (MAX_BATCH - 3) // 5
"""A removed device is one event and frees up to four SIP accounts; with the last of them go the
contact's own two events and the count of its devices."""


class InUse(Refused):
    """It cannot be removed: `used_by` names what needs it, the first twenty at most."""


@dataclass(frozen=True)
class Removing:
    """Whether something is in use, the log decides; the read models say by what."""

    commands: CommandHandler
    read_models: ReadModelStore

    async def account(self, cause: Cause, intent: Intent[Any, Any]) -> Outcome[Any]:
        """Remove a SIP account. Raises `InUse`, `Refused`, `StoreUnavailable`."""
        try:
            return await self.commands.handle(cause, intent)
        except StillInUse as used:
            here, account_id = intent.aggregate.organization, intent.aggregate.id
            users = await self._named(used.count, lambda: self._devices_with(here, account_id))
            raise InUse(
                said(
                    "%(count)s device(s) have this SIP account. Take it off them first.",
                    count=used.count,
                ),
                used_by=users,
                used_by_count=used.count,
            ) from used

    async def provider(self, cause: Cause, intent: Intent[Any, Any]) -> Outcome[Any]:
        """Remove a provider. Raises `InUse`, `Refused`, `StoreUnavailable`."""
        try:
            return await self.commands.handle(cause, intent)
        except StillInUse as used:
            here, provider_id = intent.aggregate.organization, intent.aggregate.id
            users = await self._named(used.count, lambda: self._accounts_at(here, provider_id))
            raise InUse(
                said(
                    "%(count)s SIP account(s) are at this service provider. Remove them first.",
                    count=used.count,
                ),
                used_by=users,
                used_by_count=used.count,
            ) from used

    async def contact(
        self,
        cause: Cause,
        organization: str,
        command: RemoveContact | EraseContact,
        if_version: int | None,
    ) -> Outcome[Contact | None]:
        """Remove or erase a contact, its devices first. Raises `Refused`, `StoreUnavailable`."""
        intent = Intent(contact_of(organization, command.contact_id), contact, command, if_version)
        for pause in PAUSES_SECONDS:
            devices = [d async for d in self._devices_of(organization, command.contact_id)]
            await self._remove_most(cause, organization, devices)
            rest = [_removal(organization, one.id) for one in devices[:DEVICES_AT_ONCE]]
            try:
                return (await self.commands.handle_all(cause, *rest, intent))[-1]
            except StillInUse:
                # A device that was created just now is not in the list yet.
                await asyncio.sleep(pause)
        raise StoreUnavailable("The devices of this contact keep changing. Try again shortly.")

    async def _remove_most(
        self, cause: Cause, organization: str, devices: list[DeviceView]
    ) -> None:
        """More than fit into one step go before, in steps of their own."""
        for start in range(DEVICES_AT_ONCE, len(devices), DEVICES_AT_ONCE):
            part = devices[start : start + DEVICES_AT_ONCE]
            own = replace(cause, command_id=derived_id(cause.command_id, part[0].id))
            await self.commands.handle_all(own, *(_removal(organization, d.id) for d in part))

    async def _devices_of(self, organization: str, contact_id: str) -> AsyncIterator[DeviceView]:
        bounds = Bounds(equals=(True, contact_id))
        async for view in every(self.read_models, DEVICES, organization, "by_contact", bounds):
            yield view

    async def _named(self, count: int, find: Any) -> list[dict[str, str]]:
        """The users as far as the read models show them, which is complete in a moment."""
        users: list[dict[str, str]] = await find()
        for pause in PAUSES_SECONDS:
            if len(users) >= min(count, MOST_NAMED):
                break
            await asyncio.sleep(pause)
            users = await find()
        return users

    async def _devices_with(self, organization: str, account_id: str) -> list[dict[str, str]]:
        found = [d async for d in devices_with(self.read_models, organization, account_id)]
        return [{"id": one.id, "name": one.device.name} for one in found[:MOST_NAMED] if one.device]

    async def _accounts_at(self, organization: str, provider_id: str) -> list[dict[str, str]]:
        page = await self.read_models.find(
            SIP_ACCOUNTS,
            organization,
            "by_provider",
            Bounds(equals=(provider_id,)),
            limit=MOST_NAMED,
        )
        return [{"id": one.id, "name": one.account.friendly_name} for one in page.items]


def _removal(organization: str, device_id: str) -> Intent[Any, Any]:
    return Intent(device_of(organization, device_id), device, RemoveDevice(device_id))


async def devices_with(
    store: ReadModelStore, organization: str, account_id: str
) -> AsyncIterator[DeviceView]:
    """Every device that has this SIP account, as far as the read models have come."""
    for field in ACCOUNT_FIELDS:
        bounds = Bounds(equals=(True, account_id))
        async for view in every(store, DEVICES, organization, f"by_{field}", bounds):
            yield view


async def every(
    store: ReadModelStore, model: ReadModel[D], organization: str, index: str, bounds: Bounds
) -> AsyncIterator[D]:
    """Every document of a list."""
    cursor = None
    while True:
        page = await store.find(model, organization, index, bounds, cursor=cursor, limit=200)
        for document in page.items:
            yield document
        if page.next is None:
            return
        cursor = page.next
