"""A device has one code from its creation (I11, I12), and nothing that works once it ends (I16)."""

import pytest

from services.activation.domain.activation import activation
from services.activation.domain.commands import (
    Ended,
    IssueCode,
    NewCode,
    RevokeCode,
)
from services.activation.domain.device_facts import CodeStillToCome
from tests.unit.activation.codes import (
    LATER,
    NEW,
    NOON,
    TOKEN,
    activated,
    issued,
    mint,
    revoked,
    spec,
    token_revoked,
)


def deactivate(version: int) -> RevokeCode:
    return RevokeCode("d1", version, "deactivated")


def test_a_created_device_gets_a_code() -> None:
    spec.when(IssueCode("d1", 1, NEW)).then(issued())


def test_a_device_whose_creation_is_delivered_twice_has_one_code() -> None:
    spec.given(issued()).when(IssueCode("d1", 1, NEW)).then_nothing()


def test_where_a_code_is_taken_the_next_generation_is_issued() -> None:
    spec.when(IssueCode("d1", 1, NewCode(mint, LATER, skip=1))).then(issued(2))


def test_reactivation_that_overtook_the_deactivation_kills_what_was_alive() -> None:
    spec.given(issued()).when(IssueCode("d1", 4, NEW)).then(
        revoked(1, "deactivated", 4), issued(2, 4)
    )


@pytest.mark.parametrize("reason", ["deactivated", "removed"])
def test_i16_deactivation_revokes_the_live_code(reason: Ended) -> None:
    spec.given(issued()).when(RevokeCode("d1", 2, reason)).then(revoked(1, reason, 2))


@pytest.mark.parametrize("reason", ["deactivated", "removed"])
def test_i16_deactivation_revokes_the_token(reason: Ended) -> None:
    spec.given(issued(), activated()).when(RevokeCode("d1", 2, reason)).then(
        token_revoked(TOKEN, reason, 2)
    )


def test_deactivation_revokes_a_reissued_code_and_the_token_together() -> None:
    spec.given(issued(), activated(), issued(2, None)).when(deactivate(2)).then(
        revoked(2, "deactivated", 2), token_revoked(TOKEN, "deactivated", 2)
    )


def test_a_reactivated_device_has_a_new_code_and_its_old_token_stays_dead() -> None:
    history = issued(), activated(), token_revoked(TOKEN, "deactivated", 2)
    spec.given(*history).when(IssueCode("d1", 4, NEW)).then(issued(2, 4))
    state = activation.fold([*history, issued(2, 4)])
    assert not state.holds(TOKEN)
    assert state.status(NOON) == "waiting"


def test_a_deactivation_that_was_overtaken_leaves_the_new_code_alone() -> None:
    spec.given(issued(), revoked(1, "deactivated", 4), issued(2, 4)).when(
        deactivate(2)
    ).then_nothing()


def test_a_deactivation_waits_for_the_creation_it_has_overtaken() -> None:
    spec.when(deactivate(2)).then_refused(CodeStillToCome)


def test_a_second_deactivation_waits_for_the_reactivation_it_has_overtaken() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(deactivate(6)).then_refused(
        CodeStillToCome
    )


def test_a_deactivated_device_can_be_removed() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(
        RevokeCode("d1", 4, "removed")
    ).then_nothing()


def test_a_reactivation_that_a_later_deactivation_has_overtaken_gives_no_code() -> None:
    spec.given(issued(), revoked(1, "deactivated", 4)).when(IssueCode("d1", 3, NEW)).then_nothing()
    tokens_end = token_revoked(TOKEN, "deactivated", 4)
    spec.given(issued(), activated(), tokens_end).when(IssueCode("d1", 3, NEW)).then_nothing()
