"""SIP account: what a device registers with at one provider. Its password is kept elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.decider import Decider, Invalid, Unknown
from schemas.provisioning import (
    DialingRule,
    SipAccountAdded,
    SipAccountChanged,
    SipAccountDisabled,
    SipAccountEnabled,
    SipAccountRemoved,
    SipAccountSecretSet,
    Transport,
)

SipAccountEvent = (
    SipAccountAdded
    | SipAccountChanged
    | SipAccountSecretSet
    | SipAccountEnabled
    | SipAccountDisabled
    | SipAccountRemoved
)


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """Where a sealed password was put."""

    secret_id: str
    version: int
    key_id: str


@dataclass(frozen=True, slots=True)
class AddSipAccount:
    """Add an account to a provider, with a sealed password or one typed on the device."""

    sip_account_id: str
    provider_id: str
    provider_exists: bool
    friendly_name: str
    username: str
    protocol: Transport
    secret: SealedSecret | None
    password_entered_on_device: bool = False
    use_push_proxy: bool = False
    authorization_username: str | None = None
    display_name: str | None = None
    dialing_rules: tuple[DialingRule, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ChangeSipAccount:
    """Change the attributes named in `changes`, and the password where a new one was sealed."""

    sip_account_id: str
    changes: Mapping[str, Any]
    secret: SealedSecret | None = None


@dataclass(frozen=True, slots=True)
class RemoveSipAccount:
    """Take an account away. That no device has it is seen to where the fact is appended."""

    sip_account_id: str


SipAccountCommand = AddSipAccount | ChangeSipAccount | RemoveSipAccount


@dataclass(frozen=True, slots=True)
class SipAccount:
    """An account as it is set up now. `secret_version` counts the passwords it has had."""

    provider_id: str
    friendly_name: str
    username: str
    protocol: Transport
    password_entered_on_device: bool
    use_push_proxy: bool
    authorization_username: str | None
    display_name: str | None
    dialing_rules: tuple[DialingRule, ...]
    enabled: bool
    has_password: bool = False
    secret_version: int = 0
    removed: bool = False


class NoSuchSipAccount(Unknown):
    """The organization has no such account, or has it no more."""

    def __init__(self) -> None:
        super().__init__("There is no such SIP account. Choose one of the list.")


def check_password(*, given: bool, entered_on_device: bool, held: bool = False) -> None:
    """A password is either held by us or typed on the device, never both. Raises `Invalid`."""
    if given and entered_on_device:
        raise Invalid(
            "password", "Leave the password out, or switch off that it is entered on the device."
        )
    if not (given or held or entered_on_device):
        raise Invalid(
            "password", "Give the SIP password, or choose that it is entered on the device."
        )


def decide(command: SipAccountCommand, account: SipAccount | None) -> Sequence[SipAccountEvent]:
    """What follows from a command."""
    if isinstance(command, AddSipAccount):
        return _add(command) if account is None else []
    if account is None:
        raise NoSuchSipAccount
    if isinstance(command, RemoveSipAccount):
        gone = SipAccountRemoved(
            sip_account_id=command.sip_account_id, provider_id=account.provider_id
        )
        return [] if account.removed else [gone]
    if account.removed:
        raise NoSuchSipAccount
    return _change(command, account)


def _add(command: AddSipAccount) -> Sequence[SipAccountEvent]:
    if not command.provider_exists:
        raise Unknown("There is no such service provider. Add the provider first.")
    check_password(
        given=command.secret is not None, entered_on_device=command.password_entered_on_device
    )
    added = SipAccountAdded(
        sip_account_id=command.sip_account_id,
        provider_id=command.provider_id,
        friendly_name=command.friendly_name,
        username=command.username,
        protocol=command.protocol,
        password_entered_on_device=command.password_entered_on_device,
        use_push_proxy=command.use_push_proxy,
        authorization_username=command.authorization_username,
        display_name=command.display_name,
        dialing_rules=command.dialing_rules,
        enabled=command.enabled,
    )
    return [added, *_secret_set(command)]


def _change(command: ChangeSipAccount, account: SipAccount) -> Sequence[SipAccountEvent]:
    wanted = replace(account, **command.changes)
    check_password(
        given=command.secret is not None,
        entered_on_device=wanted.password_entered_on_device,
        held=account.has_password,
    )
    facts: list[SipAccountEvent] = []
    if replace(wanted, enabled=account.enabled) != account:
        facts.append(_changed(command.sip_account_id, wanted))
    facts += _secret_set(command)
    if wanted.enabled and not account.enabled:
        facts.append(SipAccountEnabled(sip_account_id=command.sip_account_id))
    if account.enabled and not wanted.enabled:
        facts.append(SipAccountDisabled(sip_account_id=command.sip_account_id))
    return facts


def _changed(sip_account_id: str, wanted: SipAccount) -> SipAccountChanged:
    return SipAccountChanged(
        sip_account_id=sip_account_id,
        provider_id=wanted.provider_id,
        friendly_name=wanted.friendly_name,
        username=wanted.username,
        protocol=wanted.protocol,
        password_entered_on_device=wanted.password_entered_on_device,
        use_push_proxy=wanted.use_push_proxy,
        authorization_username=wanted.authorization_username,
        display_name=wanted.display_name,
        dialing_rules=wanted.dialing_rules,
    )


def _secret_set(command: AddSipAccount | ChangeSipAccount) -> Sequence[SipAccountSecretSet]:
    if command.secret is None:
        return []
    return [
        SipAccountSecretSet(
            sip_account_id=command.sip_account_id,
            secret_id=command.secret.secret_id,
            secret_version=command.secret.version,
            key_id=command.secret.key_id,
        )
    ]


def evolve(account: SipAccount | None, event: SipAccountEvent) -> SipAccount | None:
    """What a fact changes."""
    if isinstance(event, SipAccountAdded):
        return SipAccount(provider_id=event.provider_id, enabled=event.enabled, **_repeated(event))
    if account is None:
        return None
    match event:
        case SipAccountChanged():
            held = account.has_password and not event.password_entered_on_device
            return replace(account, has_password=held, **_repeated(event))
        case SipAccountSecretSet():
            return replace(account, has_password=True, secret_version=event.secret_version)
        case SipAccountEnabled() | SipAccountDisabled():
            return replace(account, enabled=isinstance(event, SipAccountEnabled))
        case SipAccountRemoved():
            return replace(account, removed=True, has_password=False)


def _repeated(event: SipAccountAdded | SipAccountChanged) -> dict[str, Any]:
    """What an account is added with and every change repeats."""
    return {
        "friendly_name": event.friendly_name,
        "username": event.username,
        "protocol": event.protocol,
        "password_entered_on_device": event.password_entered_on_device,
        "use_push_proxy": event.use_push_proxy,
        "authorization_username": event.authorization_username,
        "display_name": event.display_name,
        "dialing_rules": event.dialing_rules,
    }


sip_account: Decider[SipAccountCommand, SipAccount | None, SipAccountEvent] = Decider(
    None, decide, evolve
)
