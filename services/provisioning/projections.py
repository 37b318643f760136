"""Read models of provisioning. Each is a fold: drop it, replay, and it is the same again."""

from services.provisioning.views import contacts, counts, devices, imports, providers, sip_accounts
from services.provisioning.views.contacts import CONTACTS, ContactView
from services.provisioning.views.counts import COUNTS, CountsView
from services.provisioning.views.devices import DEVICES, DeviceState, DeviceView
from services.provisioning.views.imports import IMPORT_ROWS, IMPORTS, ImportRowView, ImportView
from services.provisioning.views.providers import PROVIDERS, ProviderView
from services.provisioning.views.sip_accounts import SIP_ACCOUNTS, SipAccountView

__all__ = [
    "CONTACTS",
    "COUNTS",
    "DEVICES",
    "IMPORTS",
    "IMPORT_ROWS",
    "PROVIDERS",
    "SIP_ACCOUNTS",
    "ContactView",
    "CountsView",
    "DeviceState",
    "DeviceView",
    "ImportRowView",
    "ImportView",
    "ProviderView",
    "SipAccountView",
    "projections",
]

projections = (
    providers.projection,
    sip_accounts.projection,
    contacts.projection,
    devices.projection,
    counts.projection,
    imports.import_projection,
    imports.row_projection,
)
