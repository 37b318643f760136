"""Read models filled side by side, of which readers see one: another takes its place when ready."""

from dataclasses import dataclass


class UnknownVersion(LookupError):
    """Nothing has been filled under this version."""


class StillLive(ValueError):
    """Readers see this version, so it cannot be discarded."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The version that readers see, and all that are kept, oldest first.

    `planned` is being filled to take the place of `live`; once it is `ready`, whoever keeps the
    live one up to date goes over to it.
    """

    live: int
    kept: tuple[int, ...]
    planned: int | None = None
    ready: bool = False
