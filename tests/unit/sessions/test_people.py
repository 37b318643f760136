"""Rules of organizations, users, passwords, desks and policies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Invalid, Unknown
from chassis.testing.spec import Spec
from schemas.sessions import (
    DeskConfigured,
    DeskWithdrawn,
    OrganizationChanged,
    OrganizationRegistered,
    SignInPolicySet,
    UserChanged,
    UserPasswordChanged,
    UserRegistered,
    UserRemoved,
)
from services.sessions.domain.desk import ConfigureDesk, Desk, DeskInUse, WithdrawDesk, desk
from services.sessions.domain.organization import (
    ChangeOrganization,
    RegisterOrganization,
    SetSignInPolicy,
    Setup,
    organization,
    sign_in_name,
)
from services.sessions.domain.password import canonical, check_password
from services.sessions.domain.policy import SignInPolicy, earlier
from services.sessions.domain.user import (
    ChangePassword,
    ChangeUser,
    OwnRole,
    Profile,
    RegisterUser,
    RemoveUser,
    user,
)
from services.sessions.passwords import COMMON

REGISTERED = OrganizationRegistered(
    organization_id="o1", name="Example", domains=("example.com",), sign_in_name="example-com"
)
PROFILE = Profile("agent", "Alf", "Agent")
ALF = UserRegistered(
    user_id="u1",
    login_id="alf@example.com",
    role="agent",
    first_name="Alf",
    last_name="Agent",
    credential_version=1,
)
GONE = UserRemoved(user_id="u1", login_id="alf@example.com")
DESK = Desk("12", "d1", True)
CONFIGURED = DeskConfigured(desk_id="k1", name="12", device_id="d1", hot_desk=True)
organizations, users, desks = Spec(organization), Spec(user), Spec(desk)


def test_an_organization_is_registered_once_under_its_domain() -> None:
    command = RegisterOrganization("o1", "Example", "example.com")
    organizations.when(command).then(REGISTERED)
    organizations.given(REGISTERED).when(command).then_nothing()


def test_two_domains_never_share_a_sign_in_name() -> None:
    assert sign_in_name("a-b.example") != sign_in_name("a.b.example")


def test_a_change_says_which_domains_are_given_up() -> None:
    setup = Setup("Example", ("example.com", "example.org"))
    changed = OrganizationChanged(
        organization_id="o1", name="Example", domains=setup.domains, download_links={}
    )
    given = organizations.given(REGISTERED)
    given.when(ChangeOrganization("o1", setup)).then(changed)
    back = ChangeOrganization("o1", replace(setup, domains=("example.com",)))
    (fact,) = organization.decide(back, organizations.given(REGISTERED, changed).state)
    assert isinstance(fact, OrganizationChanged)
    assert fact.removed_domains == ("example.org",)


@pytest.mark.parametrize(
    "domains",
    [(), ("example.org",), ("example.com", "example.com")],
    ids=["none", "other", "twice"],
)
def test_the_default_domain_cannot_be_given_up(domains: tuple[str, ...]) -> None:
    command = ChangeOrganization("o1", Setup("Example", domains))
    organizations.given(REGISTERED).when(command).then_refused(Invalid)


def test_a_policy_appends_one_of_the_own_domains() -> None:
    given = organizations.given(REGISTERED)
    given.when(SetSignInPolicy("o1", SignInPolicy("other.example"))).then_refused(Invalid)
    given.when(SetSignInPolicy("o1", SignInPolicy("example.com"))).then(
        SignInPolicySet(
            organization_id="o1",
            default_domain="example.com",
            users_may_set_domain=False,
            languages=("en", "de", "es", "fr", "ru"),
            grace_seconds=300,
            second_sign_in="refuse",
        )
    )


def test_a_policy_offers_each_language_once() -> None:
    for languages in ((), ("en", "en")):
        command = SetSignInPolicy("o1", SignInPolicy("example.com", languages=languages))
        organizations.given(REGISTERED).when(command).then_refused(Invalid)


def test_nothing_is_changed_of_what_does_not_exist() -> None:
    organizations.when(SetSignInPolicy("o1", SignInPolicy("x.example"))).then_refused(Unknown)
    users.when(ChangeUser("u1", PROFILE)).then_refused(Unknown)
    desks.when(WithdrawDesk("k1")).then_refused(Unknown)


@pytest.mark.parametrize(
    ("chosen", "known", "language"),
    [("fr", "de", "fr"), (None, "fr", "fr"), (None, "ru", "de"), (None, None, "de")],
)
def test_b25_the_chosen_language_beats_the_known_one(
    chosen: str | None, known: str | None, language: str
) -> None:
    policy = SignInPolicy("example.com", languages=("de", "fr"))
    assert policy.language(chosen, known) == language


def test_b25_a_language_that_is_not_offered_is_refused() -> None:
    with pytest.raises(Invalid):
        SignInPolicy("example.com", languages=("de",)).language("fr", None)


def test_the_earlier_of_two_moments_may_be_the_only_one() -> None:
    noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
    assert earlier(None, None) is None
    assert earlier(noon, None) == earlier(None, noon) == noon
    assert earlier(noon + timedelta(1), noon) == noon


def test_a_user_is_registered_once_without_any_password() -> None:
    command = RegisterUser("u1", "alf@example.com", PROFILE)
    users.when(command).then(ALF)
    users.given(ALF).when(command).then_nothing()


def test_a_user_is_changed_as_a_whole() -> None:
    changed = UserChanged(user_id="u1", role="supervisor", first_name="Alf", last_name="Agent")
    promoted = replace(PROFILE, role="supervisor")
    users.given(ALF).when(ChangeUser("u1", promoted, "ada")).then(changed)
    users.given(ALF, changed).when(ChangeUser("u1", promoted, "ada")).then_nothing()


@pytest.mark.parametrize("accounts", [("a", "b", "c", "d", "e"), ("a", "a")])
def test_a_user_has_up_to_four_numbers_each_once(accounts: tuple[str, ...]) -> None:
    command = ChangeUser("u1", replace(PROFILE, sip_account_ids=accounts))
    users.given(ALF).when(command).then_refused(Invalid)


def test_nobody_removes_or_demotes_themself() -> None:
    users.given(ALF).when(RemoveUser("u1", "u1")).then_refused(OwnRole)
    other = replace(PROFILE, role="supervisor")
    users.given(ALF).when(ChangeUser("u1", other, "u1")).then_refused(OwnRole)


def test_a_removed_user_stays_removed() -> None:
    users.given(ALF).when(RemoveUser("u1", "ada")).then(GONE)
    users.given(ALF, GONE).when(RemoveUser("u1", "ada")).then_nothing()
    users.given(ALF, GONE).when(ChangeUser("u1", PROFILE)).then_refused(Unknown)


def test_a_password_change_counts_once() -> None:
    changed = UserPasswordChanged(user_id="u1", credential_version=2)
    users.given(ALF).when(ChangePassword("u1", 2)).then(changed)
    users.given(ALF, changed).when(ChangePassword("u1", 2)).then_nothing()


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129, "password123", "PassWord123"])
def test_short_long_and_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password, COMMON)


@pytest.mark.parametrize("password", ["\uff50assword123", "PA\u017f\u017fWORD123", "IlOvEyOu2"])
def test_a_common_password_is_common_however_it_is_written(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password, COMMON)


@pytest.mark.parametrize("password", ["acme-phones", "Acme Phones 1", "alf@acme.io", "alf.AGENT7"])
def test_names_that_stand_near_a_password_make_none(password: str) -> None:
    near = ("Acme Phones", "alf@acme.io", "Alf", "Agent")
    with pytest.raises(Invalid):
        check_password(password, COMMON, *near)
    check_password(f"{password} and more words", COMMON, *near)


def acceptable(text: str) -> bool:
    length = len(canonical(text))
    return 8 <= length <= 128 and canonical(text).casefold() not in COMMON


@given(st.text(min_size=8, max_size=128).filter(acceptable))
def test_any_other_password_will_do_whatever_it_is_made_of(password: str) -> None:
    check_password(password, COMMON)


def test_the_common_passwords_are_those_that_are_long_enough() -> None:
    assert len(COMMON) >= 3000
    assert all(len(one) >= 8 and one == one.casefold() for one in COMMON)


def test_a_desk_is_configured_and_withdrawn() -> None:
    desks.when(ConfigureDesk("k1", DESK)).then(CONFIGURED)
    desks.given(CONFIGURED).when(ConfigureDesk("k1", DESK)).then_nothing()
    withdrawn = DeskWithdrawn(desk_id="k1", device_id="d1")
    desks.given(CONFIGURED).when(WithdrawDesk("k1")).then(withdrawn)
    desks.given(CONFIGURED, withdrawn).when(WithdrawDesk("k1")).then_nothing()
    desks.given(CONFIGURED, withdrawn).when(ConfigureDesk("k1", DESK)).then_refused(Unknown)


def test_a_desk_changes_its_device_only_while_it_is_free() -> None:
    other = replace(DESK, device_id="d2")
    taken = ConfigureDesk("k1", other, taken=True)
    desks.given(CONFIGURED).when(taken).then_refused(DeskInUse)
    moved = CONFIGURED.model_copy(update={"device_id": "d2", "earlier_device_id": "d1"})
    desks.given(CONFIGURED).when(ConfigureDesk("k1", other)).then(moved)
    renamed = replace(DESK, name="13")
    named = CONFIGURED.model_copy(update={"name": "13"})
    desks.given(CONFIGURED).when(ConfigureDesk("k1", renamed, taken=True)).then(named)
