"""The aggregates of an organization by id: every subject of this service is built here."""

from functools import partial

from chassis.event_store import Aggregate

SERVICE = "notifier"


def _aggregate(kind: str, organization: str, aggregate_id: str) -> Aggregate:
    return Aggregate(SERVICE, organization, kind, aggregate_id)


notification_of = partial(_aggregate, "notification")
