"""Rules of user ids: what is typed, what is appended, and in which order."""

import pytest

from chassis.decider import Invalid
from services.sessions.domain.login_id import domain, login_id


def test_i26_a_typed_domain_beats_an_own_one_and_that_the_default() -> None:
    assert login_id("ada@typed.example", own="own.example", default="d.example").source == "typed"
    assert str(login_id("ada", own="own.example", default="d.example")) == "ada@own.example"
    assert login_id("ada", default="d.example").source == "default"


def test_i26_ids_are_canonical() -> None:
    assert str(login_id(" Ada@Example.COM. ")) == "ada@example.com"
    assert str(login_id("ada@bücher.example")) == "ada@xn--bcher-kva.example"


def test_b20_without_any_domain_the_refusal_says_what_to_type() -> None:
    with pytest.raises(Invalid, match="user@domain"):
        login_id("ada")


@pytest.mark.parametrize("typed", ["", "@example.com", "ada@", "a b@example.com", "ada@exa mple"])
def test_a_malformed_id_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        login_id(typed, default="example.com")


@pytest.mark.parametrize("typed", ["", ".", "-a.example", "a..example", "a_b.example", "a" * 254])
def test_a_malformed_domain_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        domain(typed, "domain")
