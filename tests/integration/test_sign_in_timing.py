"""Whether a user exists does not show in the time that a refusal takes (I32)."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.auth import Unauthenticated
from services.sessions.authentication import Attempt, Authentication
from services.sessions.settings import Settings
from tests.integration.call_centre import ALF, DOMAIN, call_centre

TRIES = 400
LOWEST, HIGHEST = 0.45, 0.55
AS_IS = {
    name: Settings.model_fields[name].default
    for name in ("password_memory_kib", "refusal_milliseconds")
}


def auc(one: list[float], other: list[float]) -> float:
    """How often the first is the greater of a pair: 0.5 tells nothing."""
    greater = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return greater / (len(one) * len(other))


@pytest.mark.nightly
async def test_i32_a_refusal_takes_as_long_for_an_unknown_user(tmp_path: Path) -> None:
    async with call_centre(tmp_path, **AS_IS) as here:
        authentication: Authentication = here.service.dependencies["sign_in_desk"].authentication
        times: dict[str, list[float]] = {ALF: [], f"nobody@{DOMAIN}": []}
        for number in range(TRIES):
            # In turns, and each first as often as the other.
            for user_id in sorted(times, reverse=bool(number % 2)):
                here.clock.now += timedelta(hours=1)
                began = time.perf_counter()
                with pytest.raises(Unauthenticated):
                    await authentication.of(Attempt(user_id, "wrong", "m1"))
                times[user_id].append(time.perf_counter() - began)
    assert LOWEST < auc(*times.values()) < HIGHEST


async def test_the_measure_finds_a_difference() -> None:
    assert auc([2.0, 3.0], [1.0, 1.5]) == 1.0
    assert auc([1.0, 2.0], [1.0, 2.0]) == 0.5
