"""Reactions: whenever something was published, do something here. Delivered at least once."""

from collections.abc import Awaitable, Callable, Mapping

from chassis.cause import Cause, Clock
from chassis.event_store import Recorded
from chassis.tracing import traceparent
from schemas.event import Event

Reaction = Callable[[Recorded], Awaitable[None]]
Reactions = Mapping[type[Event], Reaction]
"""What a service does, per event type. A reaction that raises is tried again, later and later."""


class RetryLater(Exception):
    """The reaction cannot finish yet; it is to be tried again after `seconds`."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


def caused_by(recorded: Recorded, service: str, clock: Clock) -> Cause:
    """The cause of a command that follows from an event: the same for every delivery of it."""
    return Cause(
        command_id=recorded.envelope.id,
        at=clock(),
        actor=f"service:{service}",
        correlation_id=recorded.envelope.correlationid,
        traceparent=traceparent() or recorded.envelope.traceparent,
    )
