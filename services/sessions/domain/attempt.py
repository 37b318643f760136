"""Attempt: somebody known by id and password who was not let in. The log says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chassis.decider import Decider
from schemas.sessions import SignInRefused

RefusalReason = Literal["machine_in_use", "second_sign_in", "desk"]


@dataclass(frozen=True, slots=True)
class RefuseSignIn:
    """Note a refusal. `session_id` is the session that stood in the way, if it is one's own."""

    attempt_id: str
    user_id: str
    machine: str
    reason: RefusalReason
    session_id: str | None = None


def decide(command: RefuseSignIn, refused: bool) -> Sequence[SignInRefused]:
    """What follows from a command."""
    if refused:
        return []
    return [
        SignInRefused(
            attempt_id=command.attempt_id,
            user_id=command.user_id,
            machine_id=command.machine,
            reason=command.reason,
            session_id=command.session_id,
        )
    ]


def evolve(_: bool, _event: SignInRefused) -> bool:
    """What a fact changes."""
    return True


attempt: Decider[RefuseSignIn, bool, SignInRefused] = Decider(False, decide, evolve)
