"""Old shapes of events, each lifted to the next one when it is read. The log is never rewritten."""

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]

UPCASTS: dict[str, Callable[[Data], tuple[str, Data]]] = {}
"""Old wire name to a pure function that gives the next wire name and its data."""


def upcast(wire_name: str, data: Data) -> tuple[str, Data]:
    """Lift an event to its newest shape; one that is current passes unchanged."""
    while lift := UPCASTS.get(wire_name):
        wire_name, data = lift(data)
    return wire_name, data
