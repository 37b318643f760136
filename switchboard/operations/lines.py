"""One event as a line for a person, or as a row for a program."""

from datetime import UTC

from chassis.event_store import Recorded
from switchboard.operations.shown import Row

MOST_DATA = 90


def event_row(recorded: Recorded) -> Row:
    """Everything that stands in the log about an event."""
    return {
        "position": str(recorded.position),
        **recorded.envelope.model_dump(mode="json", exclude_none=True),
    }


def event_line(recorded: Recorded) -> str:
    """When, what, about what, and whose doing it was."""
    envelope = recorded.envelope
    at = f"{envelope.time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    name = envelope.type.rpartition(".")[2]
    return (
        f"{at}  {recorded.position!s:<20} {name:<28} {envelope.subject}  "
        f"v{envelope.version}  by {envelope.actor}"
    )


def data_line(recorded: Recorded) -> str:
    """What the event says besides whom it is about, cut to a line."""
    about = recorded.envelope.subject.rpartition("/")[2]
    said = {k: v for k, v in recorded.envelope.data.items() if v != about}
    text = ", ".join(f"{key}={value}" for key, value in said.items())
    return text if len(text) <= MOST_DATA else f"{text[: MOST_DATA - 1]}…"
