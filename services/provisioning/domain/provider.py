"""Service provider: where SIP accounts live. Every organization starts with a default one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.decider import Decider, Unknown
from schemas.provisioning import (
    ServiceProviderAdded,
    ServiceProviderChanged,
    ServiceProviderRemoved,
    SipProxy,
)
from services.provisioning.domain.sip_address import DEFAULT_SIP_PORT

ProviderEvent = ServiceProviderAdded | ServiceProviderChanged | ServiceProviderRemoved


@dataclass(frozen=True, slots=True)
class AddProvider:
    """Make a provider usable. Without a port it is the SIP default."""

    provider_id: str
    name: str
    sip_server: str
    sip_port: int | None = None
    sip_proxy: SipProxy | None = None
    realm: str | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ChangeProvider:
    """Change the attributes named in `changes`; a port of None is the SIP default."""

    provider_id: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveProvider:
    """Take a provider away. That nothing uses it is seen to where the fact is appended."""

    provider_id: str


ProviderCommand = AddProvider | ChangeProvider | RemoveProvider


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as it is set up now."""

    name: str
    sip_server: str
    sip_port: int
    sip_proxy: SipProxy | None
    realm: str | None
    is_default: bool
    removed: bool = False


class NoSuchProvider(Unknown):
    """The organization has no such provider, or has it no more."""

    def __init__(self) -> None:
        super().__init__("There is no such service provider. Choose one of the list.")


def decide(command: ProviderCommand, provider: Provider | None) -> Sequence[ProviderEvent]:
    """What follows from a command."""
    if isinstance(command, AddProvider):
        return [_added(command)] if provider is None else []
    if isinstance(command, RemoveProvider) and provider is not None:
        gone = ServiceProviderRemoved(provider_id=command.provider_id)
        return [] if provider.removed else [gone]
    if provider is None or provider.removed or isinstance(command, RemoveProvider):
        raise NoSuchProvider
    return _changed(command, provider)


def _added(command: AddProvider) -> ServiceProviderAdded:
    return ServiceProviderAdded(
        provider_id=command.provider_id,
        name=command.name,
        sip_server=command.sip_server,
        sip_port=command.sip_port or DEFAULT_SIP_PORT,
        sip_proxy=command.sip_proxy,
        realm=command.realm,
        is_default=command.is_default,
    )


def _changed(command: ChangeProvider, provider: Provider) -> Sequence[ProviderEvent]:
    wanted = replace(provider, **command.changes)
    wanted = replace(wanted, sip_port=wanted.sip_port or DEFAULT_SIP_PORT)
    if wanted == provider:
        return []
    return [
        ServiceProviderChanged(
            provider_id=command.provider_id,
            name=wanted.name,
            sip_server=wanted.sip_server,
            sip_port=wanted.sip_port,
            sip_proxy=wanted.sip_proxy,
            realm=wanted.realm,
        )
    ]


def evolve(provider: Provider | None, event: ProviderEvent) -> Provider | None:
    """What a fact changes."""
    match event:
        case ServiceProviderRemoved():
            return provider and replace(provider, removed=True)
        case ServiceProviderAdded():
            default = event.is_default
        case ServiceProviderChanged():
            default = bool(provider and provider.is_default)
    return Provider(
        name=event.name,
        sip_server=event.sip_server,
        sip_port=event.sip_port,
        sip_proxy=event.sip_proxy,
        realm=event.realm,
        is_default=default,
    )


provider: Decider[ProviderCommand, Provider | None, ProviderEvent] = Decider(None, decide, evolve)
