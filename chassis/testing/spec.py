"""Given these events, when this command, then these events: the grammar of tests for rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chassis.decider import Decider, Refused

Command = TypeVar("Command")
State = TypeVar("State")
Fact = TypeVar("Fact")
R = TypeVar("R", bound=Refused)


@dataclass(frozen=True)
class Spec(Generic[Command, State, Fact]):
    """What a decider shall do, as sentences."""

    decider: Decider[Command, State, Fact]

    def given(self, *facts: Fact) -> "Given[Command, State, Fact]":
        """This has happened."""
        return Given(self.decider, self.decider.fold(facts))

    def given_commands(self, commands: Iterable[Command]) -> "Given[Command, State, Fact]":
        """This was asked for, one after the other; what was refused had no effect."""
        state = self.decider.initial
        for command in commands:
            try:
                state = self.decider.fold(self.decider.decide(command, state), state)
            except Refused:
                continue
        return Given(self.decider, state)

    def when(self, command: Command) -> "When[Command, State, Fact]":
        """Nothing has happened yet, and this is asked for."""
        return self.given().when(command)


@dataclass(frozen=True)
class Given(Generic[Command, State, Fact]):
    """A state to start from."""

    decider: Decider[Command, State, Fact]
    state: State

    def when(self, command: Command) -> "When[Command, State, Fact]":
        """This is asked for."""
        return When(self.decider, self.state, command)


@dataclass(frozen=True)
class When(Generic[Command, State, Fact]):
    """A command in a state. Every `then` decides anew."""

    decider: Decider[Command, State, Fact]
    state: State
    command: Command

    def then(self, *expected: Fact) -> None:
        """Exactly this happens."""
        happened = self._decided(self.state)
        assert happened == list(expected), f"{self.command}: {happened}, not {list(expected)}"

    def then_nothing(self) -> None:
        """It is already so."""
        self.then()

    def then_refused(self, rule: type[R]) -> R:
        """The rule says no. Answers the refusal, for a look at its details."""
        try:
            happened = self.decider.decide(self.command, self.state)
        except rule as refused:
            return refused
        except Refused as other:
            raise AssertionError(f"{self.command} was refused by {other!r}") from other
        raise AssertionError(f"{self.command} was not refused: {list(happened)}")

    def then_repeating_changes_nothing(self) -> None:
        """Sent twice, the second changes nothing and is not refused, unless the first was."""
        try:
            happened = self.decider.decide(self.command, self.state)
        except Refused:
            return
        repeated = self._decided(self.decider.fold(happened, self.state))
        assert not repeated, f"{self.command} repeated: {repeated}"

    def _decided(self, state: State) -> Sequence[Fact]:
        try:
            return list(self.decider.decide(self.command, state))
        except Refused as refused:
            raise AssertionError(f"{self.command} was refused by {refused!r}") from refused
