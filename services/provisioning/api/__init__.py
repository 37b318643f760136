"""HTTP: one route per command, one per question. The rules live in `domain`."""

from services.provisioning.api.contacts import ContactController
from services.provisioning.api.counts import CountsController
from services.provisioning.api.devices import DeviceController
from services.provisioning.api.imports import ImportController
from services.provisioning.api.providers import ProviderController
from services.provisioning.api.sip_accounts import SipAccountController

controllers = (
    ProviderController,
    SipAccountController,
    ContactController,
    DeviceController,
    CountsController,
    ImportController,
)
