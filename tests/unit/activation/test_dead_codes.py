"""When codes expire (I18), and what is noted of those who try dead ones (D6)."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeTried,
)
from services.activation.domain.activation import activation
from services.activation.domain.commands import (
    ExpireCode,
    NoteTry,
)
from services.activation.domain.dead_codes import MOST_TRIES_NOTED
from services.activation.domain.state import ActivationEvent
from tests.unit.activation.codes import (
    LATER,
    MINUTE,
    NOON,
    activated,
    issued,
    revoked,
    spec,
)

SOURCE = "e" * 32


@pytest.mark.parametrize(("at", "status"), [(LATER - MINUTE, "waiting"), (LATER, "expired")])
def test_an_unused_code_is_waiting_until_it_expires(at: datetime, status: str) -> None:
    assert activation.fold([issued()]).status(at) == status


def test_a_code_expires_once_when_it_is_time_and_not_for_an_earlier_one() -> None:
    expired = ActivationCodeExpired(activation_id="d1", generation=1, expired_at=LATER)
    spec.given(issued()).when(ExpireCode("d1", 1, LATER - MINUTE)).then_nothing()
    spec.given(issued()).when(ExpireCode("d1", 1, LATER)).then(expired)
    spec.given(issued(), expired).when(ExpireCode("d1", 1, LATER)).then_nothing()
    spec.given(issued(), revoked(1, "reissued", None), issued(2)).when(
        ExpireCode("d1", 1, LATER + MINUTE)
    ).then_nothing()


def test_an_activated_device_does_not_expire() -> None:
    assert activation.fold([issued(), activated()]).status(LATER + MINUTE) == "activated"


def tried(reason: str, generation: int = 1) -> ActivationCodeTried:
    return ActivationCodeTried.model_validate(
        {"activation_id": "d1", "generation": generation, "reason": reason, "source": SOURCE}
    )


EXPIRED = ActivationCodeExpired(activation_id="d1", generation=1, expired_at=LATER)


@pytest.mark.parametrize(
    ("history", "at", "reason"),
    [
        ((issued(),), NOON, "inactive"),
        ((issued(), activated()), NOON, "used"),
        ((issued(), revoked(1, "deactivated", 2)), NOON, "revoked"),
        ((issued(), revoked(1, "reissued"), issued(2, None)), NOON, "revoked"),
        ((issued(), EXPIRED), LATER, "expired"),
    ],
)
def test_d6_who_tries_a_dead_code_is_noted_with_why_it_is_dead(
    history: Sequence[ActivationEvent], at: datetime, reason: str
) -> None:
    spec.given(*history).when(NoteTry("d1", 1, SOURCE, at)).then(tried(reason))


def test_the_first_who_tries_an_expired_code_brings_its_expiry_to_light() -> None:
    spec.given(issued()).when(NoteTry("d1", 1, SOURCE, LATER)).then(EXPIRED, tried("expired"))


def test_of_many_tries_only_the_first_are_noted_until_there_is_another_code() -> None:
    full: list[ActivationEvent] = [issued(), *[tried("inactive")] * MOST_TRIES_NOTED]
    one_more = NoteTry("d1", 1, SOURCE, NOON)
    spec.given(*full[:-1]).when(one_more).then(tried("inactive"))
    spec.given(*full).when(one_more).then_nothing()
    reissued: list[ActivationEvent] = [*full, revoked(1, "reissued"), issued(2, None)]
    spec.given(*reissued).when(one_more).then(tried("revoked"))


def test_a_code_that_is_not_issued_yet_was_tried_by_nobody() -> None:
    spec.given(issued()).when(NoteTry("d1", 2, SOURCE, NOON)).then_nothing()
