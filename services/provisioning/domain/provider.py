"""Service provider: where SIP accounts live. Every organization starts with a default one."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider
from schemas.provisioning import ServiceProviderAdded, SipProxy
from services.provisioning.domain.sip_address import DEFAULT_SIP_PORT

ProviderEvent = ServiceProviderAdded


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


ProviderCommand = AddProvider


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as it is set up now."""

    name: str
    sip_server: str
    sip_port: int
    sip_proxy: SipProxy | None
    realm: str | None
    is_default: bool


def decide(command: ProviderCommand, provider: Provider | None) -> Sequence[ProviderEvent]:
    """What follows from a command."""
    if provider is not None:
        return []
    return [
        ServiceProviderAdded(
            provider_id=command.provider_id,
            name=command.name,
            sip_server=command.sip_server,
            sip_port=command.sip_port or DEFAULT_SIP_PORT,
            sip_proxy=command.sip_proxy,
            realm=command.realm,
            is_default=command.is_default,
        )
    ]


def evolve(_: Provider | None, event: ProviderEvent) -> Provider:
    """What a fact changes."""
    return Provider(
        name=event.name,
        sip_server=event.sip_server,
        sip_port=event.sip_port,
        sip_proxy=event.sip_proxy,
        realm=event.realm,
        is_default=event.is_default,
    )


provider: Decider[ProviderCommand, Provider | None, ProviderEvent] = Decider(None, decide, evolve)
