"""What holds for all tests."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    # The same examples every time and as long as they take: nothing fails by chance. To look for
    # new ones: `make test PYTEST_FLAGS="--hypothesis-profile=exploring"`.
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "exploring", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
