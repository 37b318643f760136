"""Whether a user exists does not show in the time that a refusal takes (I32)."""

import time
from pathlib import Path

import pytest

from chassis.auth import Unauthenticated
from services.sessions.authentication import Attempt, Authentication
from tests.integration.call_centre import ALF, DOMAIN, call_centre

TRIES = 120
LOWEST, HIGHEST = 0.4, 0.6


def auc(one: list[float], other: list[float]) -> float:
    """How often the first is the greater of a pair: 0.5 tells nothing."""
    greater = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return greater / (len(one) * len(other))


@pytest.mark.nightly
async def test_i32_a_refusal_takes_as_long_for_an_unknown_user(tmp_path: Path) -> None:
    async with call_centre(tmp_path, failed_sign_ins_per_address=10**6) as here:
        authentication: Authentication = here.service.dependencies["sign_in_desk"].authentication
        times: dict[str, list[float]] = {ALF: [], f"nobody@{DOMAIN}": []}
        for number in range(TRIES + 10):
            for user_id, taken in times.items():
                authentication.throttle.succeeded(user_id)
                began = time.perf_counter()
                with pytest.raises(Unauthenticated):
                    await authentication.of(Attempt(user_id, "wrong", "m1"))
                if number >= 10:
                    taken.append(time.perf_counter() - began)
    assert LOWEST < auc(*times.values()) < HIGHEST


async def test_the_measure_finds_a_difference() -> None:
    assert auc([2.0, 3.0], [1.0, 1.5]) == 1.0
    assert auc([1.0, 2.0], [1.0, 2.0]) == 0.5
