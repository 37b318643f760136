"""Which events an operator means."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.event_store import Recorded
from chassis.settings import WrongSettings
from schemas.event import Event

MOST_LATE = timedelta(hours=24)
"""A command keeps its time for so long before its events are stored."""

_TOKEN = re.compile(r"^[0-9A-Za-z_-]+$")


@dataclass(frozen=True)
class Filter:
    """What is left out (None) matches everything. `begin` is inclusive, `end` is not."""

    service: str | None = None
    organization: str | None = None
    aggregate: str | None = None
    aggregate_id: str | None = None
    event: str | None = None
    correlation: str | None = None
    begin: datetime | None = None
    end: datetime | None = None

    def subject(self, service: str) -> str:
        """The subjects of one service's events that can match. Raises `WrongSettings`."""
        tokens = (self.organization, self.aggregate, self.aggregate_id, None, self.event)
        if wrong := [token for token in tokens if token and not _TOKEN.match(token)]:
            raise WrongSettings(f"{wrong[0]!r} is no id and no name. Copy one from `events ls`.")
        return ".".join(("evt", service, *(token or "*" for token in tokens)))

    def services(self, known: Sequence[str]) -> list[str]:
        """The services whose logs can hold such events. Raises `WrongSettings`."""
        names = {kind.short_name: kind.service for kind in Event.catalog.values()}
        if self.event and self.event not in names:
            raise WrongSettings(f"There is no event {self.event}. docs/events.md lists them all.")
        kinds = {kind.aggregate for kind in Event.catalog.values()}
        if self.aggregate and self.aggregate not in kinds:
            names_of_kinds = ", ".join(sorted(kinds))
            raise WrongSettings(
                f"There is no aggregate {self.aggregate}. Choose one of: {names_of_kinds}."
            )
        return [one for one in known if self._possible(one)]

    def matches(self, recorded: Recorded) -> bool:
        """Whether an event of a matching subject is meant."""
        envelope = recorded.envelope
        return (
            (self.correlation is None or envelope.correlationid == self.correlation)
            and (self.begin is None or envelope.time >= self.begin)
            and (self.end is None or envelope.time < self.end)
        )

    def over(self, recorded: Recorded) -> bool:
        """Whether nothing behind this event can match."""
        return self.end is not None and recorded.envelope.time > self.end + MOST_LATE

    def _possible(self, service: str) -> bool:
        if self.service and self.service != service:
            return False
        return any(
            kind.service == service
            and self.event in (None, kind.short_name)
            and self.aggregate in (None, kind.aggregate)
            for kind in Event.catalog.values()
        )


def zoned(moment: datetime | None) -> datetime | None:
    """What was typed, in UTC where no zone was."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
