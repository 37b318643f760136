"""Keeps all mails back while the mail server refuses us, and shows how things stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from chassis.cause import Clock
from chassis.reactions import RetryLater

_HELD_SHARE = 0.01
"""A held mail waits this part of its age longer: looked at for ever alike, it would be buried."""

_log = structlog.get_logger(__name__)


class Held(RetryLater):
    """The mail server does not serve us: no mail is tried."""


@dataclass
class Outbox:
    """What one worker knows of the mail server. How many mails wait, the broker knows."""

    clock: Clock
    registry: CollectorRegistry
    _held_until: datetime | None = None
    _reason: str = ""
    _outcomes: Counter = field(init=False)

    def __post_init__(self) -> None:
        self._outcomes = Counter(
            "switchboard_mails_total",
            "What became of mails, by outcome: sent, deferred, failed, uncertain, suppressed.",
            ("outcome",),
            registry=self.registry,
        )
        held = Gauge(
            "switchboard_mails_held",
            "1 while the mail server refuses us: no mail goes out.",
            registry=self.registry,
        )
        # Until a mail got through: that the pause is over does not mean that the trouble is.
        held.set_function(lambda: float(self._held_until is not None))

    @contextmanager
    def following(self, planned_at: datetime) -> Iterator[None]:
        """Let a mail that is held wait the longer, the older it is."""
        try:
            yield
        except Held as held:
            age = (self.clock() - planned_at).total_seconds()
            raise Held(str(held), max(held.seconds, age * _HELD_SHARE)) from None

    @property
    def trouble(self) -> str | None:
        """Why no mail is tried now, None if they are."""
        return self._reason if self._left() > 0 else None

    def check(self) -> None:
        """Raises `Held`."""
        if self.trouble:
            raise Held("the mail server does not serve us", self._left())

    def hold(self, reason: str, seconds: float) -> Held:
        """Let no mail out for so long, and tell whoever watches. Raise what is answered."""
        _log.error("mail_server_does_not_serve_us", reason=reason, again_in=seconds)
        self._held_until = self.clock() + timedelta(seconds=seconds)
        self._reason = reason
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
