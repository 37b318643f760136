"""When to come back to a mail. Pauses are spread, so that an outage does not end in a rush."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.cause import derived_id
from services.notifier.settings import Settings

_SPREAD = 0.2
_SOONEST_SECONDS, _LATEST_SECONDS = 0.2, 60.0


def pause(settings: Settings, notification_id: str, attempt: int) -> timedelta:
    """How long to wait after this attempt: always the same for the same attempt."""
    ladder = settings.retry_minutes
    minutes = ladder[min(attempt, len(ladder)) - 1]
    place = UUID(derived_id(notification_id, str(attempt))).int % 1000 / 999
    return timedelta(minutes=minutes) * (1 - _SPREAD + 2 * _SPREAD * place)


def patience(since: datetime, now: datetime) -> float:
    """Seconds until another look at what is missing: the longer it has been, the longer."""
    waited = (now - since).total_seconds()
    return min(max(waited / 4, _SOONEST_SECONDS), _LATEST_SECONDS)
