"""Prometheus metrics of projectors and reactions. Labels come from bounded sets only, never ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LABELS = ("service", "stream")


class WorkerMetrics:
    """What the readers of logs report to one registry, shared by all services of a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.projected = Counter(
            "switchboard_projected_events_total",
            "Events the read models were brought up to.",
            _LABELS,
            registry=registry,
        )
        self.lag_events = Gauge(
            "switchboard_projection_lag_events",
            "Events in the log that the read models do not show yet.",
            _LABELS,
            registry=registry,
        )
        self.lag_seconds = Gauge(
            "switchboard_projection_lag_seconds",
            "Age of the newest projected event while others wait, 0 when none do.",
            _LABELS,
            registry=registry,
        )
        self.errors = Counter(
            "switchboard_projector_errors_total",
            "Interruptions of a projector, by kind.",
            (*_LABELS, "kind"),
            registry=registry,
        )
        self.halted = Gauge(
            "switchboard_projector_halted",
            "1 when the projector stopped for good and a person has to look.",
            _LABELS,
            registry=registry,
        )
        self.reactions = Histogram(
            "switchboard_reaction_seconds",
            "Time of one try of a reaction, by outcome: done, retried, postponed, buried.",
            (*_LABELS, "event", "outcome"),
            registry=registry,
        )
        self.reactions_waiting = Gauge(
            "switchboard_reactions_waiting",
            "Events that wait for their reaction, for the first time or again.",
            _LABELS,
            registry=registry,
        )
        self.reactions_put_off = Gauge(
            "switchboard_reactions_put_off",
            "Events being reacted to, or put off until later.",
            _LABELS,
            registry=registry,
        )
        self.reactions_room = Gauge(
            "switchboard_reactions_room",
            "How many more events can be put off before the others have to wait for them.",
            _LABELS,
            registry=registry,
        )
        self.reactions_oldest_seconds = Gauge(
            "switchboard_reactions_oldest_seconds",
            "Age of the oldest event that waits for its reaction, 0 when none does.",
            _LABELS,
            registry=registry,
        )
