"""Which codes a softphone can exchange (I13, I18), and which of its fetches are noted."""

from datetime import timedelta

from schemas.activation import (
    DeviceConfigurationFetched,
)
from services.activation.domain.activation import activation
from services.activation.domain.commands import NoteFetch
from services.activation.domain.softphones import CodeNotAccepted
from tests.unit.activation.codes import (
    LATER,
    MINUTE,
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


def test_i13_a_revoked_code_does_not_activate() -> None:
    spec.given(issued(), revoked(1, "deactivated", 2)).when(exchange()).then_refused(
        CodeNotAccepted
    )


def test_after_a_reissue_the_old_phone_does_not_repeat_its_exchange() -> None:
    spec.given(issued(), activated(), issued(2, None)).when(
        exchange(1, token=NEXT_TOKEN, at=NOON + MINUTE)
    ).then_refused(CodeNotAccepted)


def test_i18_a_code_works_until_the_moment_it_expires() -> None:
    last = LATER - timedelta(microseconds=1)
    spec.given(issued()).when(exchange(at=last)).then(activated(until=LATER))
    spec.given(issued()).when(exchange(at=LATER)).then_refused(CodeNotAccepted)


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


def test_a_phone_is_recognised_by_any_of_its_keyed_hashes_else_known_by_the_newest() -> None:
    known = activation.fold([issued(), activated()])
    assert known.recognised((OTHER_PHONE, PHONE)) == PHONE
    assert known.recognised((OTHER_PHONE, TOKEN)) == OTHER_PHONE
    assert activation.fold([issued()]).recognised((OTHER_PHONE, PHONE)) == OTHER_PHONE
