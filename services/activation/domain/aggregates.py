"""The aggregates of an organization by id: every subject of this service is built here."""

from chassis.event_store import Aggregate

SERVICE = "activation"


def activation_of(organization: str, device_id: str) -> Aggregate:
    """The activation of a device, which has the id of the device."""
    return Aggregate(SERVICE, organization, "activation", device_id)
