"""The configuration of a device, as the one document that every format renders."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import md5

from pydantic import SecretStr

from schemas.provisioning import DialingRule, SipProxy, Transport
from services.activation.guests import GuestView
from services.activation.projections import DeviceView, ProviderView, SipAccountView

SLOTS = 4
MASK = SecretStr("********")
"""Stands for a password wherever it is not the device that asks."""


@dataclass(frozen=True)
class Account:
    """One account that the softphone registers."""

    friendly_name: str
    provider: str
    server: str
    port: int
    proxy: SipProxy | None
    realm: str | None
    transport: Transport
    username: str
    authorization_username: str | None
    display_name: str | None
    password: SecretStr | None
    password_required: bool
    push_proxy: bool
    dialing_rules: tuple[DialingRule, ...]

    @property
    def ha1(self) -> SecretStr | None:
        """What registers instead of the password where the realm is known (RFC 2617)."""
        if self.password is None or self.realm is None:
            return None
        if self.password is MASK:
            return MASK
        login = self.authorization_username or self.username
        text = f"{login}:{self.realm}:{self.password.get_secret_value()}"
        return SecretStr(md5(text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True)
class Configuration:
    """What a softphone is set up as.

    There are always four slots: None is a blank one, which makes the softphone forget what it
    had there. Softphones keep accounts that are merely missing. `known`: the softphone has had
    this very revision before, so what its user typed since may stay.
    """

    device_id: str
    name: str
    revision: int
    slots: tuple[Account | None, ...]
    known: bool = False


@dataclass(frozen=True)
class SeatedDevice(DeviceView):
    """A device with whoever sits at its hot desk; `guest_changes` is part of its revision."""

    guest_changes: int = 0


def with_guest(device: DeviceView, guest: GuestView | None) -> SeatedDevice:
    """What the device is to be set up as while the guest is there.

    Every coming and going is a revision of its own. A guest without SIP accounts changes nothing
    else.
    """
    seated = SeatedDevice(**vars(device))
    if guest is None:
        return seated
    return replace(
        seated,
        revision=device.revision + guest.changes,
        sip_account_ids=guest.sip_account_ids or device.sip_account_ids,
        guest_changes=guest.changes,
    )


def blank(device: DeviceView) -> Configuration:
    """What makes a softphone forget everything."""
    return Configuration(device.id, device.name, device.revision, (None,) * SLOTS)


def compose(
    device: DeviceView,
    accounts: Mapping[str, SipAccountView],
    providers: Mapping[str, ProviderView],
    passwords: Mapping[str, SecretStr],
) -> Configuration:
    """Put the configuration of an active device together from its parts by id."""
    slots = [
        _slot(account, providers[account.provider_id], passwords)
        for account in (accounts[account_id] for account_id in device.sip_account_ids)
    ]
    padding = [None] * (SLOTS - len(slots))
    return Configuration(device.id, device.name, device.revision, (*slots, *padding))


def _slot(
    account: SipAccountView, provider: ProviderView, passwords: Mapping[str, SecretStr]
) -> Account | None:
    if not account.enabled:
        return None
    typed = account.password_entered_on_device
    return Account(
        friendly_name=account.friendly_name,
        provider=provider.name,
        server=provider.sip_server,
        port=provider.sip_port,
        proxy=provider.sip_proxy,
        realm=provider.realm,
        transport=account.protocol,
        username=account.username,
        authorization_username=account.authorization_username,
        display_name=account.display_name,
        password=None if typed else passwords[account.id],
        password_required=typed,
        push_proxy=account.use_push_proxy,
        dialing_rules=account.dialing_rules,
    )
