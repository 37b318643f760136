"""How many mails may go out in a while: nobody is flooded, no organization crowds out others."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_SWEPT_ABOVE = 10_000


@dataclass
class Pace:
    """At most `most` in any `period` per key. Counted by this process, since its start."""

    most: int
    period: timedelta
    _times: defaultdict[tuple[str, ...], deque[datetime]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def wait(self, key: tuple[str, ...], now: datetime) -> float:
        """Seconds until one more is allowed, 0 if one is now."""
        times = self._times[key]
        self._forget(times, now)
        if len(times) < self.most:
            return 0.0
        return (times[-self.most] + self.period - now).total_seconds()

    def count(self, key: tuple[str, ...], now: datetime) -> None:
        """One more has gone out."""
        if len(self._times) > _SWEPT_ABOVE:
            for other in list(self._times):
                self._forget(self._times[other], now)
                if not self._times[other]:
                    del self._times[other]
        self._times[key].append(now)

    def _forget(self, times: deque[datetime], now: datetime) -> None:
        while times and times[0] + self.period <= now:
            times.popleft()


@dataclass(frozen=True)
class Paces:
    """The pace per recipient and per organization."""

    recipient: Pace
    organization: Pace

    def wait(self, organization: str, address: str, now: datetime) -> float:
        """Seconds until this organization may write to this address again."""
        return max(
            self.recipient.wait((organization, address.casefold()), now),
            self.organization.wait((organization,), now),
        )

    def count(self, organization: str, address: str, now: datetime) -> None:
        """A mail is on its way."""
        self.recipient.count((organization, address.casefold()), now)
        self.organization.count((organization,), now)
