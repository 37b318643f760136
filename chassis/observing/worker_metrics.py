"""Prometheus metrics of projectors and reactions. Labels come from bounded sets only, never ids."""

from collections.abc import Iterable
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LABELS = ("service", "stream")


class WorkerMetrics:
    """What the readers of logs report to one registry, shared by all services of a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, labelnames=_LABELS, registry=registry)
        self.projected = counter(
            "switchboard_projected_events_total",
            "Events the read models were brought up to.",
            _LABELS,
        )
        self.errors = counter(
            "switchboard_projector_errors_total",
            "Interruptions of a projector, by kind.",
            (*_LABELS, "kind"),
        )
        self.lag_events = gauge(
            "switchboard_projection_lag_events",
            "Events in the log that the read models do not show yet.",
        )
        self.lag_seconds = gauge(
            "switchboard_projection_lag_seconds",
            "Age of the newest projected event while others wait, 0 when none do.",
        )
        self.halted = gauge(
            "switchboard_projector_halted",
            "1 when the projector stopped for good and a person has to look.",
        )
        self._reactions(registry)

    def _reactions(self, registry: CollectorRegistry) -> None:
        gauge = partial(Gauge, labelnames=_LABELS, registry=registry)
        self.reactions = Histogram(
            "switchboard_reaction_seconds",
            "Time of one try of a reaction, by outcome: done, retried, postponed, buried.",
            (*_LABELS, "event", "outcome"),
            registry=registry,
        )
        self.reactions_waiting = gauge(
            "switchboard_reactions_waiting",
            "Events that wait for their reaction, for the first time or again.",
        )
        self.reactions_put_off = gauge(
            "switchboard_reactions_put_off",
            "Events being reacted to, or put off until later.",
        )
        self.reactions_room = gauge(
            "switchboard_reactions_room",
            "How many more events can be put off before the others have to wait for them.",
        )
        self.reactions_oldest_seconds = gauge(
            "switchboard_reactions_oldest_seconds",
            "Age of the oldest event that waits for its reaction, 0 when none does.",
        )

    def expect_reactions(self, service: str, stream: str, events: Iterable[str]) -> None:
        """Show what may be given up at zero: a series that begins at one is no increase."""
        for event in events:
            self.reactions.labels(service, stream, event, "buried")
