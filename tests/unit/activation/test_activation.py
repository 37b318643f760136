"""What administrators may ask of a code, and what holds whatever happened (I12, I17)."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Unknown
from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeViewed,
    ActivationRequested,
)
from services.activation.domain.activation import CodeDead, DeviceInactive, activation
from services.activation.domain.commands import (
    ActivationCommand,
    ExpireCode,
    IssueCode,
    NoteFetch,
    ReissueCode,
    RequestInstructions,
    RevokeCode,
    ViewCode,
)
from services.activation.domain.softphones import CodeNotAccepted
from tests.unit.activation.codes import (
    LATER,
    MINUTE,
    NEW,
    NEXT_TOKEN,
    NOON,
    OTHER_PHONE,
    PHONE,
    TOKEN,
    activated,
    exchange,
    issued,
    revoked,
    spec,
    token_revoked,
)


def instructions(at: datetime = NOON) -> RequestInstructions:
    return RequestInstructions("d1", "r1", "c1", ("e1",), "de", at)


def test_a_deactivated_device_gets_no_new_code() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(ReissueCode("d1", NEW)).then_refused(
        DeviceInactive
    )


def test_i17_reissue_kills_the_earlier_code() -> None:
    spec.given(issued()).when(ReissueCode("d1", NEW)).then(revoked(1, "reissued"), issued(2, None))
    spec.given(issued(), revoked(1, "reissued"), issued(2, None)).when(exchange(1)).then_refused(
        CodeNotAccepted
    )


def test_an_activated_device_stays_so_until_the_reissued_code_is_exchanged() -> None:
    history = issued(), activated(), issued(2, None)
    spec.given(issued(), activated()).when(ReissueCode("d1", NEW)).then(issued(2, None))
    assert activation.fold(history).holds(TOKEN)
    hour_later = NOON + 60 * MINUTE
    command = exchange(2, token=NEXT_TOKEN, installation=OTHER_PHONE, at=hour_later)
    spec.given(*history).when(command).then(
        token_revoked(TOKEN, "replaced"),
        activated(2, NEXT_TOKEN, OTHER_PHONE, until=hour_later + 10 * MINUTE),
    )


def test_a_device_whose_token_was_replaced_is_not_deactivated() -> None:
    again = token_revoked(TOKEN, "replaced"), activated(token=NEXT_TOKEN)
    spec.given(issued(), activated(), *again).when(ReissueCode("d1", NEW)).then(issued(2, None))


def test_reissue_needs_a_device() -> None:
    spec.when(ReissueCode("d1", NEW)).then_refused(Unknown)


def test_looking_a_code_up_is_recorded() -> None:
    viewed = ActivationCodeViewed(activation_id="d1", generation=1, by="ada")
    spec.given(issued()).when(ViewCode("d1", "ada", NOON)).then(viewed)
    spec.when(ViewCode("d1", "ada", NOON)).then_refused(Unknown)


def test_instructions_name_addresses_by_id_and_when_the_code_expires() -> None:
    spec.given(issued()).when(instructions()).then(
        ActivationRequested(
            activation_id="d1",
            request_id="r1",
            device_id="d1",
            contact_id="c1",
            generation=1,
            address_ids=("e1",),
            language="de",
            expires_at=LATER,
        )
    )


def test_a_dead_code_is_not_mailed() -> None:
    spec.given(issued()).when(instructions(LATER)).then_refused(CodeDead)
    spec.given(issued(), activated()).when(instructions()).then_refused(CodeDead)
    spec.given(issued(), revoked(1, "deactivated", 2)).when(instructions()).then_refused(CodeDead)


def test_looking_at_a_code_that_is_too_old_brings_its_expiry_to_light() -> None:
    expired = ActivationCodeExpired(activation_id="d1", generation=1, expired_at=LATER)
    viewed = ActivationCodeViewed(activation_id="d1", generation=1, by="ada")
    spec.given(issued()).when(ViewCode("d1", "ada", LATER)).then(expired, viewed)


generations = st.integers(1, 4)
moments = st.sampled_from([NOON, NOON + MINUTE, NOON + 20 * MINUTE, LATER])
tokens = st.integers(1, 9).map(lambda number: f"{number:064x}")
commands: st.SearchStrategy[ActivationCommand] = st.one_of(
    st.builds(IssueCode, st.just("d1"), st.integers(1, 6), st.just(NEW)),
    st.just(ReissueCode("d1", NEW)),
    st.builds(
        RevokeCode, st.just("d1"), st.integers(1, 6), st.sampled_from(["deactivated", "removed"])
    ),
    st.builds(exchange, generations, tokens, st.sampled_from([PHONE, OTHER_PHONE]), moments),
    st.builds(NoteFetch, st.just("d1"), tokens, st.integers(1, 4), st.just("json")),
    st.builds(ExpireCode, st.just("d1"), generations, moments),
)
REISSUES = (ReissueCode, ViewCode, RequestInstructions)


@given(st.lists(commands, max_size=12), commands)
def test_what_follows_from_facts_may_be_delivered_again(
    earlier: list[ActivationCommand], command: ActivationCommand
) -> None:
    if not isinstance(command, REISSUES):
        spec.given_commands(earlier).when(command).then_repeating_changes_nothing()


@given(st.lists(commands, max_size=15), moments)
def test_i12_only_the_newest_generation_can_ever_be_exchanged(
    earlier: list[ActivationCommand], at: datetime
) -> None:
    state = spec.given_commands(earlier).state
    usable = [g for g in range(1, 30) if state.exchangeable(g, PHONE, at)]
    assert usable in ([], [state.generation])


@given(st.lists(commands, max_size=15), tokens, moments)
def test_a_device_that_was_ended_has_nothing_that_works(
    earlier: list[ActivationCommand], token: str, at: datetime
) -> None:
    state = spec.given_commands(earlier).state
    if state.ended:
        assert not state.holds(token)
        assert not state.exchangeable(state.generation, PHONE, at)
