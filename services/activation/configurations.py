"""Puts configurations together from the read models, whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import SecretStr

from chassis.decider import Refused, Unknown
from chassis.read_models import ReadModel, ReadModelStore
from services.activation.documents import (
    MASK,
    Configuration,
    SeatedDevice,
    blank,
    compose,
    with_guest,
)
from services.activation.guests import GUESTS, GuestView
from services.activation.projections import (
    DEVICES,
    PROVIDERS,
    SIP_ACCOUNTS,
    DeviceView,
    SipAccountView,
)
from services.activation.safe import Safe

D = TypeVar("D")

PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)


class NotReadyYet(Refused):
    """Part of what was entered just now has not arrived here."""

    status = 503

    def __init__(self) -> None:
        super().__init__("This device is still being set up. Try again in a moment.", retry_after=2)


PasswordOf = Callable[[SipAccountView], Awaitable[SecretStr | None]]


@dataclass(frozen=True)
class Configurations:
    """Builds documents. Passwords are opened for `of` alone: its caller has seen a proof."""

    read_models: ReadModelStore
    safe: Safe

    async def device(self, organization: str, device_id: str, version: int) -> SeatedDevice:
        """The device as it was at this version or later, with its guest. Raises `NotReadyYet`."""

        async def known() -> SeatedDevice:
            device = (await self._all(organization, DEVICES, [device_id]))[device_id]
            arrived = _arrived(device if device.version >= version else None)
            return await self._with_guest(organization, arrived)

        return await _patiently(known)

    async def of(self, organization: str, device: DeviceView) -> Configuration:
        """The device's configuration with its passwords.

        Raises `NotReadyYet`, `CannotOpen`, `StoreUnavailable`.
        """

        async def opened(account: SipAccountView) -> SecretStr | None:
            return await self.safe.open(organization, account.secret) if account.secret else None

        return await _patiently(lambda: self._compose(organization, device, opened))

    async def masked(self, organization: str, device_id: str) -> Configuration:
        """A device's configuration for other eyes than its own. Raises `Unknown`, `NotReadyYet`."""
        device = await self.read_models.get(DEVICES, organization, device_id)
        if device is None or device.removed:
            raise Unknown("There is no such device. Choose one of the list.")

        async def hidden(_: SipAccountView) -> SecretStr | None:
            return MASK

        seated = await self._with_guest(organization, device)
        return await _patiently(lambda: self._compose(organization, seated, hidden))

    async def _with_guest(self, organization: str, device: DeviceView) -> SeatedDevice:
        guest: GuestView | None = await self.read_models.get(GUESTS, organization, device.id)
        return with_guest(device, guest)

    async def _compose(
        self, organization: str, device: DeviceView, password_of: PasswordOf
    ) -> Configuration:
        if not device.active:
            return blank(device)
        accounts = await self._all(organization, SIP_ACCOUNTS, device.sip_account_ids)
        provider_ids = {account.provider_id for account in accounts.values()}
        providers = await self._all(organization, PROVIDERS, provider_ids)
        passwords = {
            account.id: _arrived(await password_of(account))
            for account in accounts.values()
            if account.enabled and not account.password_entered_on_device
        }
        return compose(device, accounts, providers, passwords)

    async def _all(
        self, organization: str, model: ReadModel[D], ids: Iterable[str]
    ) -> dict[str, D]:
        found: dict[str, D] = {}
        for one in ids:
            document: D | None = await self.read_models.get(model, organization, one)
            found[one] = _arrived(document)
        return found


def _arrived(part: D | None) -> D:
    if part is None:
        raise NotReadyYet
    return part


async def _patiently(attempt: Callable[[], Awaitable[D]]) -> D:
    """Try again while something is on its way here. Raises `NotReadyYet`."""
    for pause in PAUSES_SECONDS:
        try:
            return await attempt()
        except NotReadyYet:
            await asyncio.sleep(pause)
    return await attempt()
