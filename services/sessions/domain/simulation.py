"""What another grace time or limit would have done to sessions that are known already. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sessions.domain.policy import after_hours, earlier


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many sessions there were, and what would have become of them."""

    sessions: int = 0
    ended_by_grace: int = 0
    ended_by_limit: int = 0
    unchanged: int = 0
    kept_longer: int = 0
    hours_before: float = 0.0
    hours_after: float = 0.0


def simulate(
    past: Iterable[PastSession], grace: timedelta, max_hours: float | None, now: datetime
) -> Outcome:
    """What would have been. A session that might have come back in a longer grace is `kept_longer`
    and counts with the hours it really had: nobody knows whether it would have."""
    counts = {"ended_by_grace": 0, "ended_by_limit": 0, "unchanged": 0, "kept_longer": 0}
    before = after = timedelta()
    sessions = 0
    for one in past:
        sessions += 1
        real = one.ended or now
        what, end = _fate(one, real, grace, max_hours)
        counts[what] += 1
        before += real - one.began
        after += end - one.began
    hour = timedelta(hours=1)
    return Outcome(sessions, **counts, hours_before=before / hour, hours_after=after / hour)


def _fate(
    one: PastSession, real: datetime, grace: timedelta, max_hours: float | None
) -> tuple[str, datetime]:
    limit = after_hours(one.began, max_hours)
    given_up = _given_up(one, real, grace)
    end = earlier(limit, given_up)
    if end is not None and end < real:
        return ("ended_by_grace" if end == given_up else "ended_by_limit"), end
    last = one.silences[-1] if one.silences else None
    if one.grace_over and last and last.at + grace > real:
        return "kept_longer", real
    return "unchanged", real


def _given_up(one: PastSession, real: datetime, grace: timedelta) -> datetime | None:
    """When the first silence would have been too long."""
    if not one.stayed_signed_in:
        return None
    for silence in one.silences:
        if silence.at + grace < (silence.until or real):
            return silence.at + grace
    return None
