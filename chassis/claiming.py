"""What events take and give back: names that one can have, and uses that are counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.decider import Refused
from chassis.event_store import Aggregate, Claim, History
from chassis.uses import Close, Free, Use, holder_after
from schemas.event import Event


@dataclass(frozen=True, slots=True)
class Take:
    """Wants a claim for `holder`; `refusal` is raised when another has it."""

    claim: Claim
    holder: str
    refusal: Refused


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a claim back if `holder` has it."""

    claim: Claim
    holder: str


ClaimsOf = Callable[[Aggregate, Event], Sequence[Take | Release]]


def no_claims(_aggregate: Aggregate, _event: Event) -> Sequence[Take | Release]:
    """For services whose events claim nothing."""
    return ()


Wish = Take | Release | Use | Free | Close
UsesOf = Callable[[History, Sequence[Event]], Sequence[Use | Free | Close]]


def no_uses(_history: History, _facts: Sequence[Event]) -> Sequence[Use | Free | Close]:
    """For services whose aggregates do not need each other."""
    return ()


@dataclass(frozen=True)
class Claiming:
    """What a service's events take and give back, for whoever checks the log against them."""

    claims_of: ClaimsOf = no_claims
    uses_of: UsesOf = no_uses

    def wishes(self, history: History, fact: Event) -> Sequence[Wish]:
        """Those of one fact after this history."""
        return [*self.claims_of(history.aggregate, fact), *self.uses_of(history, [fact])]


def held_after(wish: Wish, holder: str | None) -> str | None:
    """Who holds a claim after a wish. Raises the wish's refusal."""
    if isinstance(wish, Use | Free | Close):
        return holder_after(wish, holder)
    if isinstance(wish, Release):
        return None if holder == wish.holder else holder
    if holder not in (None, wish.holder):
        raise wish.refusal
    return wish.holder
