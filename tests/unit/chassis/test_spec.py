"""The grammar of tests for rules fails when the rule does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from chassis.decider import Decider, Refused
from chassis.testing.spec import Spec


class LampBroken(Refused):
    """A broken lamp cannot be switched."""


class LampStolen(Refused):
    """There is no lamp."""


@dataclass(frozen=True)
class Lamp:
    broken: bool = False
    lit: bool = False


def switch(command: str, lamp: Lamp) -> Sequence[str]:
    if command == "break":
        return [] if lamp.broken else ["broke"]
    if lamp.broken:
        raise LampBroken("Replace the lamp.", lamp=1)
    return [] if lamp.lit else ["lit"]


def turn(lamp: Lamp, event: str) -> Lamp:
    return Lamp(broken=lamp.broken or event == "broke", lit=event == "lit")


def forgetful(_: Lamp, event: str) -> Lamp:
    return Lamp()


def refuses_to_repeat(command: str, lamp: Lamp) -> Sequence[str]:
    if lamp.lit:
        raise LampBroken("It is lit already.")
    return switch(command, lamp)


spec = Spec(Decider(initial=Lamp(), decide=switch, evolve=turn))
emits_twice = Spec(Decider(initial=Lamp(), decide=switch, evolve=forgetful))
raises_the_second_time = Spec(Decider(initial=Lamp(), decide=refuses_to_repeat, evolve=turn))


def test_what_happens_is_compared_in_whole() -> None:
    spec.when("light").then("lit")
    spec.given("broke").when("break").then_nothing()
    for wrong in ([], ["broke"], ["lit", "lit"]):
        with pytest.raises(AssertionError, match="light"):
            spec.when("light").then(*wrong)
    with pytest.raises(AssertionError):
        spec.when("light").then_nothing()


def test_a_refusal_is_no_event() -> None:
    with pytest.raises(AssertionError, match="LampBroken"):
        spec.given("broke").when("light").then("lit")
    with pytest.raises(AssertionError, match="LampBroken"):
        spec.given("broke").when("light").then_nothing()


def test_a_refusal_is_expected_by_its_rule_and_can_be_looked_at() -> None:
    refused = spec.given("broke").when("light").then_refused(LampBroken)
    assert refused.details == {"lamp": 1}
    with pytest.raises(AssertionError, match="LampBroken"):
        spec.given("broke").when("light").then_refused(LampStolen)
    with pytest.raises(AssertionError, match="not refused"):
        spec.when("light").then_refused(LampBroken)


def test_commands_lead_to_a_state_and_the_refused_ones_are_skipped() -> None:
    spec.given_commands(["light"]).when("light").then_nothing()
    spec.given_commands(["break", "light"]).when("light").then_refused(LampBroken)
    spec.given_commands([]).when("light").then("lit")


@pytest.mark.parametrize("command", ["light", "break"])
def test_repeating_may_change_nothing(command: str) -> None:
    spec.when(command).then_repeating_changes_nothing()
    spec.given("broke").when(command).then_repeating_changes_nothing()


def test_a_repetition_that_happens_again_is_found() -> None:
    with pytest.raises(AssertionError, match="repeated"):
        emits_twice.when("light").then_repeating_changes_nothing()


def test_a_repetition_that_is_refused_is_found() -> None:
    with pytest.raises(AssertionError, match="It is lit already"):
        raises_the_second_time.when("light").then_repeating_changes_nothing()
