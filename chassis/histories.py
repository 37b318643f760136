"""Puts recorded events together to histories, and refuses those that cannot be whole."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise, takewhile

from chassis.event_store import Aggregate, BrokenHistory, History, Recorded


def history_of(aggregate: Aggregate, recorded: Sequence[Recorded]) -> History:
    """The history of an aggregate from its events in log order.

    Versions count from 1 without gaps; only what an erasing event made disappear may be missing.
    Raises `BrokenHistory`.
    """
    versions = [one.envelope.version for one in recorded]
    if versions != list(range(1, len(versions) + 1)):
        _check_gaps(aggregate, recorded)
    return History(aggregate, tuple(recorded))


def recorded_until(recorded: Sequence[Recorded], moment: datetime | None) -> Sequence[Recorded]:
    """What had happened by a moment.

    The events' own times count: the broker's are those of a restore, if there was one.
    """
    if moment is None:
        return recorded
    return tuple(takewhile(lambda one: one.envelope.time <= moment, recorded))


def _check_gaps(aggregate: Aggregate, recorded: Sequence[Recorded]) -> None:
    versions = [0, *(one.envelope.version for one in recorded)]
    erasures = [number for number, one in enumerate(recorded) if one.event.erases]
    for number, (before, here) in enumerate(pairwise(versions)):
        if here <= before:
            raise BrokenHistory(_broken(aggregate, f"version {here} twice or out of order"))
        if here > before + 1 and not any(erasure >= number for erasure in erasures):
            raise BrokenHistory(_broken(aggregate, f"no version {before + 1}"))


def _broken(aggregate: Aggregate, finding: str) -> str:
    return (
        f"The log has {finding} of {aggregate.prefix}. Nothing can be changed there until it is "
        "restored: compare the stream with its backup."
    )
