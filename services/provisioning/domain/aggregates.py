"""The aggregates of an organization by id: every subject of this service is built here."""

from functools import partial

from chassis.event_store import Aggregate

SERVICE = "provisioning"


def _aggregate(kind: str, organization: str, aggregate_id: str) -> Aggregate:
    return Aggregate(SERVICE, organization, kind, aggregate_id)


provider_of = partial(_aggregate, "provider")
sip_account_of = partial(_aggregate, "sip_account")
contact_of = partial(_aggregate, "contact")
device_of = partial(_aggregate, "device")
import_of = partial(_aggregate, "import")
import_row_of = partial(_aggregate, "import_row")
