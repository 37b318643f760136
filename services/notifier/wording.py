"""Texts and dates in a person's language. English stands in where there is no translation yet."""

from calendar import day_name, month_name
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

DOMAIN = "instructions"
LOCALES = Path(__file__).parent / "locales"


@cache
def texts(language: str) -> NullTranslations:
    """The translations of one language."""
    return translation(DOMAIN, LOCALES, [language], fallback=True)


def moment(at: datetime) -> str:
    """A point in time that reads the same everywhere: Friday, 28 November 2025, 14:00 UTC."""
    utc = at.astimezone(UTC)
    return f"{day_name[utc.weekday()]}, {utc.day} {month_name[utc.month]} {utc:%Y, %H:%M} UTC"


def duration(left: timedelta) -> str:
    """About how long, rounded down: 7 days, 3 hours, 10 minutes."""
    minutes = max(int(left.total_seconds() // 60), 1)
    for size, name in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= 2 * size:
            return f"{minutes // size} {name}"
    return "1 minute"
