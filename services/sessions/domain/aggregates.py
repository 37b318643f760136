"""The aggregates of an organization by id: every subject of this service is built here."""

from functools import partial

from chassis.event_store import Aggregate

SERVICE = "sessions"


def _aggregate(kind: str, organization: str, aggregate_id: str) -> Aggregate:
    return Aggregate(SERVICE, organization, kind, aggregate_id)


user_of = partial(_aggregate, "user")
session_of = partial(_aggregate, "session")
desk_of = partial(_aggregate, "desk")
attempt_of = partial(_aggregate, "attempt")


def organization_of(organization: str) -> Aggregate:
    """The organization itself."""
    return _aggregate("organization", organization, organization)
