"""Service providers as lists show them."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.provisioning import (
    ServiceProviderAdded,
    ServiceProviderChanged,
    ServiceProviderRemoved,
    SipAccountAdded,
    SipAccountRemoved,
)
from services.provisioning.domain.provider import Provider
from services.provisioning.domain.provider import evolve as evolve_provider

OwnEvents = (ServiceProviderAdded, ServiceProviderChanged, ServiceProviderRemoved)


@dataclass(frozen=True)
class ProviderView:
    """A service provider and how many accounts it has."""

    id: str
    version: int
    created_at: datetime
    name: str
    provider: Provider
    sip_account_count: int = 0


def project_provider(view: ProviderView | None, recorded: Recorded) -> ProviderView | None:
    """Fold a provider's own events, and count its accounts."""
    event = recorded.event
    match event:
        case SipAccountAdded():
            return view and replace(view, sip_account_count=view.sip_account_count + 1)
        case SipAccountRemoved():
            return view and replace(view, sip_account_count=view.sip_account_count - 1)
        case ServiceProviderAdded() | ServiceProviderChanged() | ServiceProviderRemoved():
            now = evolve_provider(view.provider if view else None, event)
            return None if now is None or now.removed else _shown(view, recorded, now)
    return view


def _shown(view: ProviderView | None, recorded: Recorded, now: Provider) -> ProviderView:
    return ProviderView(
        id=recorded.event.aggregate_id,
        version=recorded.envelope.version,
        created_at=view.created_at if view else recorded.envelope.time,
        name=now.name.casefold(),
        provider=now,
        sip_account_count=view.sip_account_count if view else 0,
    )


PROVIDERS = ReadModel(
    "providers_v2",
    ProviderView,
    (Index("by_name", ("name",)), Index("by_created", ("created_at",))),
)

projection = Projection(
    PROVIDERS,
    {
        kind: lambda event: event.provider_id
        for kind in (*OwnEvents, SipAccountAdded, SipAccountRemoved)
    },
    project_provider,
)
