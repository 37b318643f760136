"""How long to wait before trying again: longer each time, and never all at the same moment."""

import random


def jittered(longest: float) -> float:
    """Any time up to `longest` seconds, but not less than a tenth of it."""
    return random.uniform(longest / 10, longest)  # noqa: S311 - jitter is no secret


def growing(tries: int, first: float, longest: float) -> float:
    """Seconds to wait after so many failed tries (from 0), doubled each time."""
    return jittered(min(first * 2.0 ** min(tries, 50), longest))
