"""SIP account: what a device registers with at one provider. Its password is kept elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.decider import Decider, Invalid, Unknown
from schemas.provisioning import DialingRule, SipAccountAdded, SipAccountSecretSet, Transport

SipAccountEvent = SipAccountAdded | SipAccountSecretSet


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


SipAccountCommand = AddSipAccount


@dataclass(frozen=True, slots=True)
class SipAccount:
    """An account as it is set up now."""

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


def check_password(*, given: bool, entered_on_device: bool) -> None:
    """A password is either held by us or typed on the device, never both. Raises `Invalid`."""
    if given and entered_on_device:
        raise Invalid(
            "password", "Leave the password out, or switch off that it is entered on the device."
        )
    if not given and not entered_on_device:
        raise Invalid(
            "password", "Give the SIP password, or choose that it is entered on the device."
        )


def decide(command: SipAccountCommand, account: SipAccount | None) -> Sequence[SipAccountEvent]:
    """What follows from a command."""
    if account is not None:
        return []
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


def _secret_set(command: AddSipAccount) -> Sequence[SipAccountSecretSet]:
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
    match event:
        case SipAccountAdded():
            return SipAccount(
                provider_id=event.provider_id,
                friendly_name=event.friendly_name,
                username=event.username,
                protocol=event.protocol,
                password_entered_on_device=event.password_entered_on_device,
                use_push_proxy=event.use_push_proxy,
                authorization_username=event.authorization_username,
                display_name=event.display_name,
                dialing_rules=event.dialing_rules,
                enabled=event.enabled,
            )
        case SipAccountSecretSet():
            return account and replace(account, has_password=True)


sip_account: Decider[SipAccountCommand, SipAccount | None, SipAccountEvent] = Decider(
    None, decide, evolve
)
