"""How many of each kind an organization has."""

from dataclasses import dataclass, replace

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel
from schemas.provisioning import (
    ContactAdded,
    ContactRemoved,
    DeviceCreated,
    DeviceRemoved,
    ServiceProviderAdded,
    ServiceProviderRemoved,
    SipAccountAdded,
    SipAccountRemoved,
)

KEY = "all"


@dataclass(frozen=True)
class CountsView:
    """Everything an organization has, in numbers."""

    providers: int = 0
    sip_accounts: int = 0
    contacts: int = 0
    devices: int = 0


def project_counts(view: CountsView | None, recorded: Recorded) -> CountsView:
    """Count one more or one less."""
    now = view or CountsView()
    match recorded.event:
        case ServiceProviderAdded():
            now = replace(now, providers=now.providers + 1)
        case ServiceProviderRemoved():
            now = replace(now, providers=now.providers - 1)
        case SipAccountAdded():
            now = replace(now, sip_accounts=now.sip_accounts + 1)
        case SipAccountRemoved():
            now = replace(now, sip_accounts=now.sip_accounts - 1)
        case ContactAdded():
            now = replace(now, contacts=now.contacts + 1)
        case ContactRemoved():
            now = replace(now, contacts=now.contacts - 1)
        case DeviceCreated():
            now = replace(now, devices=now.devices + 1)
        case DeviceRemoved():
            now = replace(now, devices=now.devices - 1)
    return now


COUNTS = ReadModel("counts_v1", CountsView)

projection = Projection(
    COUNTS,
    {
        kind: lambda _: KEY
        for kind in (
            ServiceProviderAdded,
            ServiceProviderRemoved,
            SipAccountAdded,
            SipAccountRemoved,
            ContactAdded,
            ContactRemoved,
            DeviceCreated,
            DeviceRemoved,
        )
    },
    project_counts,
)
