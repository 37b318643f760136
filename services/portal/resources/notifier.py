"""Answers of the notifier."""

from datetime import datetime

from services.portal.resources import Resource


class Notification(Resource, frozen=True):
    """A mail to one address, and what became of it."""

    id: str
    device_id: str
    status: str
    planned_at: datetime
    changed_at: datetime
    attempts: int = 0
    address: str | None = None
    remark: str | None = None
