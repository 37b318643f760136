"""The rules of activation: which codes and tokens work, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Unknown
from chassis.testing.spec import Spec
from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeIssued,
    ActivationCodeRevoked,
    ActivationCodeViewed,
    ActivationRequested,
    Client,
    DeviceActivated,
    DeviceConfigurationFetched,
    DeviceTokenRevoked,
)
from services.activation.domain.activation import CodeDead, DeviceInactive, activation
from services.activation.domain.commands import (
    Activate,
    ActivationCommand,
    Ended,
    ExpireCode,
    IssueCode,
    MintedCode,
    NewCode,
    NoteFetch,
    ReissueCode,
    RequestInstructions,
    RevokeCode,
    ViewCode,
)
from services.activation.domain.device_facts import CodeStillToCome
from services.activation.domain.softphones import CodeNotAccepted

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=7)
MINUTE = timedelta(minutes=1)
PHONE, OTHER_PHONE = "a" * 32, "b" * 32
TOKEN, NEXT_TOKEN = "c" * 32, "d" * 32

spec = Spec(activation)


def fingerprint(generation: int) -> str:
    return f"{generation:032x}"


def mint(generation: int) -> MintedCode:
    return MintedCode("k1", fingerprint(generation))


NEW = NewCode(mint, LATER)


def issued(generation: int = 1, device_version: int | None = 1) -> ActivationCodeIssued:
    return ActivationCodeIssued(
        activation_id="d1",
        device_id="d1",
        device_version=device_version,
        generation=generation,
        key_id="k1",
        fingerprint=fingerprint(generation),
        expires_at=LATER,
    )


def activated(
    generation: int = 1,
    token: str = TOKEN,
    installation: str = PHONE,
    until: datetime = NOON + 10 * MINUTE,
    revision: int = 1,
) -> DeviceActivated:
    return DeviceActivated(
        activation_id="d1",
        device_id="d1",
        generation=generation,
        token_fingerprint=token,
        installation_fingerprint=installation,
        client=Client(name="Softphone"),
        format="json",
        revision=revision,
        repeatable_until=until,
    )


def revoked(
    generation: int, reason: str, device_version: int | None = None
) -> ActivationCodeRevoked:
    return ActivationCodeRevoked.model_validate(
        {
            "activation_id": "d1",
            "generation": generation,
            "reason": reason,
            "device_version": device_version,
        }
    )


def token_revoked(token: str, reason: str, device_version: int | None = None) -> DeviceTokenRevoked:
    return DeviceTokenRevoked.model_validate(
        {
            "activation_id": "d1",
            "device_id": "d1",
            "token_fingerprint": token,
            "reason": reason,
            "device_version": device_version,
        }
    )


def exchange(
    generation: int = 1,
    token: str = TOKEN,
    installation: str = PHONE,
    at: datetime = NOON,
    revision: int = 1,
) -> Activate:
    return Activate(
        device_id="d1",
        generation=generation,
        token_fingerprint=token,
        installation_fingerprint=installation,
        client=Client(name="Softphone"),
        format="json",
        revision=revision,
        at=at,
    )


def instructions(at: datetime = NOON) -> RequestInstructions:
    return RequestInstructions("d1", "r1", "c1", ("e1",), "de", at)


def deactivate(version: int) -> RevokeCode:
    return RevokeCode("d1", version, "deactivated")


# I11: every created device gets a code at once.


def test_a_created_device_gets_a_code() -> None:
    spec.when(IssueCode("d1", 1, NEW)).then(issued())


def test_a_device_whose_creation_is_delivered_twice_has_one_code() -> None:
    spec.given(issued()).when(IssueCode("d1", 1, NEW)).then_nothing()


# I12: at most one live code per device, no two equal.


def test_where_a_code_is_taken_the_next_generation_is_issued() -> None:
    spec.when(IssueCode("d1", 1, NewCode(mint, LATER, skip=1))).then(issued(2))


def test_reactivation_that_overtook_the_deactivation_kills_what_was_alive() -> None:
    spec.given(issued()).when(IssueCode("d1", 4, NEW)).then(
        revoked(1, "deactivated", 4), issued(2, 4)
    )


# I13: expired, used or revoked codes never activate; one exchange per generation.


def test_a_live_code_activates() -> None:
    spec.given(issued()).when(exchange()).then(activated())


def test_a_code_that_was_never_issued_does_not_activate() -> None:
    spec.when(exchange()).then_refused(CodeNotAccepted)
    spec.when(exchange(generation=0)).then_refused(CodeNotAccepted)


def test_i13_a_used_code_does_not_activate_another_phone() -> None:
    spec.given(issued(), activated()).when(
        exchange(token=NEXT_TOKEN, installation=OTHER_PHONE, at=NOON + MINUTE)
    ).then_refused(CodeNotAccepted)


def test_the_same_phone_may_repeat_and_its_first_token_is_dead() -> None:
    spec.given(issued(), activated()).when(exchange(token=NEXT_TOKEN, at=NOON + 9 * MINUTE)).then(
        token_revoked(TOKEN, "replaced"), activated(token=NEXT_TOKEN)
    )


def test_repeating_does_not_prolong_the_ten_minutes() -> None:
    again = activated(token=NEXT_TOKEN)
    history = issued(), activated(), token_revoked(TOKEN, "replaced"), again
    spec.given(*history).when(exchange(token=TOKEN, at=NOON + 10 * MINUTE)).then_refused(
        CodeNotAccepted
    )


def test_i13_after_ten_minutes_the_same_phone_is_refused_too() -> None:
    spec.given(issued(), activated()).when(
        exchange(token=NEXT_TOKEN, at=NOON + 10 * MINUTE)
    ).then_refused(CodeNotAccepted)


def test_nobody_repeats_after_the_code_has_expired() -> None:
    last = LATER - MINUTE
    spec.given(issued()).when(exchange(at=last)).then(activated(until=LATER))


def test_a_deactivated_phone_does_not_repeat() -> None:
    spec.given(issued(), activated(), token_revoked(TOKEN, "deactivated", 2)).when(
        exchange(token=NEXT_TOKEN, at=NOON + MINUTE)
    ).then_refused(CodeNotAccepted)


# I16: deactivation revokes the live code and the token.


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


def test_i13_a_revoked_code_does_not_activate() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(exchange()).then_refused(
        CodeNotAccepted
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


def test_a_deactivated_device_gets_no_new_code() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(ReissueCode("d1", NEW)).then_refused(
        DeviceInactive
    )


# I17: reissue makes the earlier code fail at once.


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


def test_after_a_reissue_the_old_phone_does_not_repeat_its_exchange() -> None:
    spec.given(issued(), activated(), issued(2, None)).when(
        exchange(1, token=NEXT_TOKEN, at=NOON + MINUTE)
    ).then_refused(CodeNotAccepted)


def test_reissue_needs_a_device() -> None:
    spec.when(ReissueCode("d1", NEW)).then_refused(Unknown)


# I18: expiry is decided by `expires_at` and the time of the command.


def test_i18_a_code_works_until_the_moment_it_expires() -> None:
    last = LATER - timedelta(microseconds=1)
    spec.given(issued()).when(exchange(at=last)).then(activated(until=LATER))
    spec.given(issued()).when(exchange(at=LATER)).then_refused(CodeNotAccepted)


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


# Looking, mailing, fetching.


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


def test_a_revision_is_noted_when_it_is_new_to_the_device() -> None:
    fetched = DeviceConfigurationFetched(
        activation_id="d1", device_id="d1", revision=2, format="json"
    )
    given = spec.given(issued(), activated())
    given.when(NoteFetch("d1", TOKEN, 2, "json")).then(fetched)
    given.when(NoteFetch("d1", TOKEN, 1, "json")).then_nothing()
    spec.given(issued(), activated(), fetched).when(
        NoteFetch("d1", TOKEN, 2, "json")
    ).then_nothing()


def test_a_deactivated_device_that_fetched_its_blank_configuration_is_noted() -> None:
    fetched = DeviceConfigurationFetched(
        activation_id="d1", device_id="d1", revision=2, format="json"
    )
    spec.given(issued(), activated(), token_revoked(TOKEN, "deactivated", 2)).when(
        NoteFetch("d1", TOKEN, 2, "json")
    ).then(fetched)


def test_a_phone_that_was_replaced_says_nothing_about_the_device() -> None:
    history = issued(), activated(), token_revoked(TOKEN, "replaced"), activated(token=NEXT_TOKEN)
    spec.given(*history).when(NoteFetch("d1", TOKEN, 2, "json")).then_nothing()
    gone = issued(), activated(), token_revoked(TOKEN, "deactivated", 2), issued(2, 4)
    spec.given(*gone).when(NoteFetch("d1", TOKEN, 3, "json")).then_nothing()


# Properties.

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
