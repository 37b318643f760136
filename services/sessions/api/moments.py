"""Moments that a question names: with their zone, and in order."""

from datetime import datetime

from chassis.decider import Invalid


def check(since: datetime, until: datetime) -> None:
    """A time from one moment until another. Raises `Invalid`."""
    check_zone("since", since)
    check_zone("until", until)
    if since >= until:
        raise Invalid("until", "Enter a moment after `since`.")


def zoned(field: str, moment: datetime | None) -> datetime | None:
    """A moment, if there is one. Raises `Invalid` without a zone."""
    if moment is not None:
        check_zone(field, moment)
    return moment


def check_zone(field: str, moment: datetime) -> None:
    """Refuse a moment without a zone. Raises `Invalid`."""
    if moment.tzinfo is None:
        raise Invalid(field, "Give the time with its offset, for example 2026-01-31T08:00:00Z.")
