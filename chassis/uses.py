"""What uses what, counted in the log: nothing is taken away while something else needs it."""

from dataclasses import dataclass

from chassis.decider import Refused
from chassis.event_store import Claim

_GONE = "gone"
_USERS = "users:"


class StillInUse(Refused):
    """Something else needs this. `count` says how many do."""

    def __init__(self, count: int) -> None:
        super().__init__("Something else needs this. Change that first.", used_by_count=count)
        self.count = count


@dataclass(frozen=True, slots=True)
class Use:
    """One more needs what the claim stands for; `refusal` is raised when that is gone."""

    claim: Claim
    refusal: Refused


@dataclass(frozen=True, slots=True)
class Free:
    """One less needs it. `last` is raised when nobody would be left."""

    claim: Claim
    last: Refused | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """It goes away for ever. Raises `StillInUse` while anything needs it."""

    claim: Claim


def holder_after(wish: Use | Free | Close, holder: str | None) -> str | None:
    """What the claim says afterwards: how many need it, None for nobody, or that it is gone."""
    count = 0 if holder in (None, _GONE) else int(str(holder).removeprefix(_USERS))
    match wish:
        case Close():
            if count:
                raise StillInUse(count)
            return _GONE
        case _ if holder == _GONE:
            if isinstance(wish, Use):
                raise wish.refusal
            return _GONE
        case Use():
            return f"{_USERS}{count + 1}"
        case Free(last=refusal):
            if refusal is not None and count <= 1:
                raise refusal
            return f"{_USERS}{count - 1}" if count > 1 else None
