"""SIP accounts as lists show them, without any password."""

from dataclasses import dataclass
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.provisioning import (
    SipAccountAdded,
    SipAccountChanged,
    SipAccountDisabled,
    SipAccountEnabled,
    SipAccountRemoved,
    SipAccountSecretSet,
)
from services.provisioning.domain.sip_account import SipAccount
from services.provisioning.domain.sip_account import evolve as evolve_sip_account

SipAccountEvents = (
    SipAccountAdded,
    SipAccountChanged,
    SipAccountSecretSet,
    SipAccountEnabled,
    SipAccountDisabled,
    SipAccountRemoved,
)


@dataclass(frozen=True)
class SipAccountView:
    """A SIP account, without any password."""

    id: str
    version: int
    created_at: datetime
    provider_id: str
    name: str
    account: SipAccount


def project_sip_account(view: SipAccountView | None, recorded: Recorded) -> SipAccountView | None:
    """Fold an account's events."""
    event = recorded.event
    if not isinstance(event, SipAccountEvents):
        return view
    now = evolve_sip_account(view.account if view else None, event)
    if now is None or now.removed:
        return None
    return SipAccountView(
        id=event.sip_account_id,
        version=recorded.envelope.version,
        created_at=view.created_at if view else recorded.envelope.time,
        provider_id=now.provider_id,
        name=now.friendly_name.casefold(),
        account=now,
    )


SIP_ACCOUNTS = ReadModel(
    "sip_accounts_v2",
    SipAccountView,
    (
        Index("by_name", ("name",)),
        Index("by_created", ("created_at",)),
        Index("by_provider", ("provider_id", "name")),
        Index("by_provider_and_created", ("provider_id", "created_at")),
    ),
)

projection = Projection(
    SIP_ACCOUNTS,
    {kind: lambda event: event.sip_account_id for kind in SipAccountEvents},
    project_sip_account,
)
