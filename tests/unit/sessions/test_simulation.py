"""Another grace time or limit, tried on sessions of which everything is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sessions.domain.simulation import Outcome, PastSession, Silence, simulate

NINE = datetime(2026, 5, 3, 9, tzinfo=UTC)
NOW = NINE + timedelta(days=3)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def past(*silences: tuple[int, int | None], hours: float | None = 8, **more: bool) -> PastSession:
    """A session from nine o'clock on, silent from one minute of it until another."""
    quiet = [
        Silence(NINE + at * MINUTE, None if until is None else NINE + until * MINUTE)
        for at, until in silences
    ]
    ended = None if hours is None else NINE + hours * HOUR
    return PastSession("s1", NINE, ended, **{"stayed_signed_in": True, **more}, silences=quiet)


@pytest.mark.parametrize(
    ("one", "fate", "hours"),
    [
        (past(), "unchanged", 8),
        (past((60, 64)), "unchanged", 8),
        (past((60, 66)), "ended_by_grace", 1 + 5 / 60),
        (past((60, 66), stayed_signed_in=False), "unchanged", 8),
        (past((60, 61), (120, 180)), "ended_by_grace", 2 + 5 / 60),
        (past(hours=12), "ended_by_limit", 10),
        (past((660, 720), hours=12), "ended_by_limit", 10),
        (past((595, 700), hours=12), "ended_by_grace", 10),
        (past(hours=None), "ended_by_limit", 10),
        (past((60, None), hours=1.05, grace_over=True), "kept_longer", 1.05),
    ],
)
def test_a_session_ends_at_the_first_of_grace_and_limit(
    one: PastSession, fate: str, hours: float
) -> None:
    outcome = simulate([one], 5 * MINUTE, 10 * HOUR, NOW)
    assert getattr(outcome, fate) == outcome.sessions == 1
    assert outcome.after / HOUR == pytest.approx(hours)
    assert outcome.before == (one.ended or NOW) - NINE


minutes = st.integers(min_value=0, max_value=600)
sessions = st.builds(
    lambda silences, hours, stays: past(*silences, hours=hours, stayed_signed_in=stays),
    st.lists(st.tuples(minutes, minutes), max_size=2),
    st.integers(min_value=1, max_value=24),
    st.booleans(),
)


@given(st.lists(sessions), st.lists(sessions))
def test_parts_add_up_to_the_whole(one: list[PastSession], other: list[PastSession]) -> None:
    told = 5 * MINUTE, 10 * HOUR, NOW
    whole = simulate([*one, *other], *told)
    assert simulate(one, *told) + simulate(other, *told) == whole
    assert whole + Outcome() == whole
