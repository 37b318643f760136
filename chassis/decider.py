"""The shape of every rule: decide what happens, evolve the state. Pure, without infrastructure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from schemas.said import gaps

Command = TypeVar("Command")
State = TypeVar("State")
Fact = TypeVar("Fact")


class Refused(Exception):
    """A rule says no. The class name says which rule; the text tells a person what to do.

    `details` become members of the problem document (an id to look at, a list of users).
    """

    status = 409

    def __init__(self, remedy: str, **details: Any) -> None:
        super().__init__(remedy)
        self.remedy, self.details = remedy, details


class Unknown(Refused):
    """There is no such thing in this organization."""

    status = 404


class Invalid(Refused):
    """The request is well formed, but one of its fields cannot be accepted."""

    status = 422

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(remedy, errors=[{"field": field, "message": remedy, **gaps(remedy)}])


def present(state: State | None) -> State:
    """The state of something that exists. Raises `Unknown`."""
    if state is None:
        raise Unknown("There is no such thing. Choose one of the list.")
    return state


@dataclass(frozen=True)
class Decider(Generic[Command, State, Fact]):
    """The rules of one kind of aggregate.

    `decide` answers with the facts that follow from a command, none if it is already so, or
    raises `Refused`. `evolve` folds one fact into the state.
    """

    initial: State
    decide: Callable[[Command, State], Sequence[Fact]]
    evolve: Callable[[State, Fact], State]

    def fold(self, facts: Iterable[Fact], state: State | None = None) -> State:
        """The state after these facts."""
        return reduce(self.evolve, facts, self.initial if state is None else state)
