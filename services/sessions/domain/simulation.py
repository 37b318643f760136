"""What another grace time or limit would have done to sessions that are known already. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from operator import add
from typing import Literal


@dataclass(frozen=True, slots=True)
class Silence:
    """The client was not there from `at` until `until`; None: it is not back yet."""

    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PastSession:
    """When a session began and ended (None: it goes on), and when its client was silent."""

    session_id: str
    began: datetime
    ended: datetime | None
    stayed_signed_in: bool
    silences: Sequence[Silence] = ()
    grace_over: bool = False


Fate = Literal["ended_by_grace", "ended_by_limit", "unchanged", "kept_longer"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many sessions there were, and what would have become of them."""

    sessions: int = 0
    ended_by_grace: int = 0
    ended_by_limit: int = 0
    unchanged: int = 0
    kept_longer: int = 0
    before: timedelta = timedelta()
    after: timedelta = timedelta()

    def __add__(self, other: "Outcome") -> "Outcome":
        """What became of these sessions and those."""
        return Outcome(*map(add, astuple(self), astuple(other)))


def simulate(
    past: Iterable[PastSession], grace: timedelta, longest: timedelta | None, now: datetime
) -> Outcome:
    """What would have been. A session that might have come back in a longer grace is `kept_longer`
    and counts with the time it really had: nobody knows whether it would have."""
    fates: Counter[str] = Counter()
    before = after = timedelta()
    for one in past:
        real = one.ended or now
        fate, end = _fate(one, real, grace, longest)
        fates[fate] += 1
        before += real - one.began
        after += end - one.began
    return Outcome(fates.total(), **fates, before=before, after=after)


def _fate(
    one: PastSession, real: datetime, grace: timedelta, longest: timedelta | None
) -> tuple[Fate, datetime]:
    end = given_up = _given_up(one, real, grace)
    if longest is not None and (end is None or one.began + longest < end):
        end = one.began + longest
    if end is not None and end < real:
        return ("ended_by_grace" if end is given_up else "ended_by_limit"), end
    last = one.silences[-1] if one.silences else None
    if one.grace_over and last and last.at + grace > real:
        return "kept_longer", real
    return "unchanged", real


def _given_up(one: PastSession, real: datetime, grace: timedelta) -> datetime | None:
    """When the first silence would have been too long."""
    if not one.stayed_signed_in:
        return None
    for silence in one.silences:
        if (end := silence.at + grace) < (silence.until or real):
            return end
    return None
