"""Which passwords are accepted: long enough, and not among the first that anybody would try."""

from collections.abc import Set

from chassis.decider import Invalid

SHORTEST, LONGEST = 8, 128


def check_password(password: str, common: Set[str], field: str = "password") -> None:
    """Eight to 128 characters of any kind, none of the common ones. Raises `Invalid`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(field, f"Choose a password of {SHORTEST} to {LONGEST} characters.")
    if password.casefold() in common:
        raise Invalid(field, "Many people use this password. Choose another, a few words long.")
