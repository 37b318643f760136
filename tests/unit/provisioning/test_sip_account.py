"""Rules of SIP accounts."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.decider import Invalid, Unknown
from chassis.testing.spec import Spec
from schemas.provisioning import SipAccountAdded, SipAccountSecretSet
from services.provisioning.domain.sip_account import AddSipAccount, SealedSecret, sip_account

spec = Spec(sip_account)
SECRET = SealedSecret("a1", 1, "k1")
ADD = AddSipAccount("a1", "p1", True, "Front desk", "1001", "udp", SECRET)
MANUAL = replace(ADD, secret=None, password_entered_on_device=True)
ADDED = SipAccountAdded(
    sip_account_id="a1",
    provider_id="p1",
    friendly_name="Front desk",
    username="1001",
    protocol="udp",
)
SECRET_SET = SipAccountSecretSet(sip_account_id="a1", secret_id="a1", secret_version=1, key_id="k1")


def test_i3_a_held_password_is_named_by_an_event_and_never_part_of_it() -> None:
    spec.when(ADD).then(ADDED, SECRET_SET)


def test_i3_a_password_typed_on_the_device_is_held_nowhere() -> None:
    spec.when(MANUAL).then(ADDED.model_copy(update={"password_entered_on_device": True}))


def test_i3_a_held_password_is_required() -> None:
    refused = spec.when(replace(ADD, secret=None)).then_refused(Invalid)
    assert refused.details["errors"][0]["field"] == "password"


def test_i3_a_password_is_not_held_and_typed_on_the_device_at_once() -> None:
    spec.when(replace(MANUAL, secret=SECRET)).then_refused(Invalid)


def test_an_account_belongs_to_a_provider_that_exists() -> None:
    spec.when(replace(ADD, provider_exists=False)).then_refused(Unknown)


def test_i2_the_protocol_is_udp_or_tcp() -> None:
    other: Any = "tls"
    with pytest.raises(ValidationError):
        spec.decider.decide(replace(ADD, protocol=other), None)


def test_an_account_is_added_once() -> None:
    spec.given(ADDED, SECRET_SET).when(ADD).then_nothing()
    spec.when(ADD).then_repeating_changes_nothing()
