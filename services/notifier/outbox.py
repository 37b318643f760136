"""What this process knows of the mails that wait: how many, since when, and what holds them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from chassis.cause import Clock
from chassis.event_store import Aggregate
from chassis.reactions import RetryLater

_HELD_SHARE = 0.01
"""A held mail waits this part of its age longer: looked at for ever alike, it would be buried."""

_log = structlog.get_logger(__name__)


class Deferred(RetryLater):
    """The mail server was asked and has put the mail off."""


class Held(RetryLater):
    """The mail server does not serve us: no mail is tried."""


@dataclass
class Outbox:
    """Keeps all mails back while the mail server refuses us, and shows how things stand."""

    clock: Clock
    registry: CollectorRegistry
    _waiting: dict[Aggregate, tuple[datetime, bool]] = field(default_factory=dict)
    _held_until: datetime | None = None

    def __post_init__(self) -> None:
        self._outcomes = Counter(
            "switchboard_mails_total",
            "What became of mails, by outcome: sent, deferred, failed, uncertain, suppressed.",
            ("outcome",),
            registry=self.registry,
        )
        for outcome in ("sent", "deferred", "failed", "uncertain", "suppressed"):
            # Shown at zero: a series that begins at one is no increase to whoever watches.
            self._outcomes.labels(outcome)
        for name, meaning, value in (
            ("switchboard_mails_waiting", "Mails that wait, for whatever reason.", self._count),
            (
                "switchboard_mails_deferred",
                "Mails that the mail server has put off.",
                self._count_deferred,
            ),
            (
                "switchboard_mails_oldest_seconds",
                "Age of the mail that has waited longest, 0 if none.",
                self._oldest,
            ),
            (
                "switchboard_mails_held",
                "1 while the mail server refuses us: no mail goes out.",
                self._held,
            ),
        ):
            gauge = Gauge(name, meaning, registry=self.registry)
            gauge.set_function(value)

    @contextmanager
    def following(self, aggregate: Aggregate, planned_at: datetime) -> Iterator[None]:
        """Remember a mail that leaves this block with `RetryLater`, forget one that does not."""
        try:
            yield
        except RetryLater as later:
            self._waiting[aggregate] = (planned_at, isinstance(later, Deferred))
            if isinstance(later, Held):
                age = (self.clock() - planned_at).total_seconds()
                raise Held(str(later), max(later.seconds, age * _HELD_SHARE)) from None
            raise
        self._waiting.pop(aggregate, None)

    def check(self) -> None:
        """Raises `Held`."""
        left = self._left()
        if left > 0:
            raise Held("the mail server does not serve us", left)

    def hold(self, reason: str, seconds: float) -> Held:
        """Let no mail out for so long, and tell whoever watches. Raise what is answered."""
        _log.error("mail_server_does_not_serve_us", reason=reason, again_in=seconds)
        self._held_until = self.clock() + timedelta(seconds=seconds)
        return Held(f"mail server: {reason}", seconds)

    def release(self) -> None:
        """The mail server serves us."""
        if self._held_until is not None:
            _log.info("mail_server_serves_us_again")
        self._held_until = None

    def count(self, outcome: str) -> None:
        """One more mail came to this."""
        self._outcomes.labels(outcome).inc()

    def _left(self) -> float:
        return (self._held_until - self.clock()).total_seconds() if self._held_until else 0.0

    def _count(self) -> float:
        return len(self._waiting)

    def _count_deferred(self) -> float:
        return sum(deferred for _, deferred in self._waiting.values())

    def _oldest(self) -> float:
        if not self._waiting:
            return 0.0
        return (self.clock() - min(since for since, _ in self._waiting.values())).total_seconds()

    def _held(self) -> float:
        # Until a mail got through: that the pause is over does not mean that the trouble is.
        return float(self._held_until is not None)
