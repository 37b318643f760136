"""Rules of sessions, users and organizations."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from chassis.testing.spec import Spec
from schemas.sessions import AgentSignedIn, AgentSignedOut, OrganizationRegistered, UserRegistered
from services.sessions.domain.organization import (
    RegisterOrganization,
    organization,
    sign_in_name,
)
from services.sessions.domain.session import SessionCommand, SignIn, SignOut, session
from services.sessions.domain.user import RegisterUser, user

MACHINE = "0" * 64
sessions = Spec(session)
IN = AgentSignedIn(
    session_id="s1",
    user_id="u1",
    role="agent",
    machine_id=MACHINE,
    domain_source="typed",
    stay_signed_in=True,
    language="en",
)
OUT = AgentSignedOut(session_id="s1", user_id="u1", machine_id=MACHINE, reason="user")
SIGN_IN = SignIn("s1", "u1", "agent", MACHINE, "typed", True, "en")


def test_signing_in_starts_a_session() -> None:
    sessions.when(SIGN_IN).then(IN)


def test_signing_out_ends_it_and_says_why() -> None:
    sessions.given(IN).when(SignOut("s1", "user")).then(OUT)


def test_a_session_ends_once() -> None:
    sessions.given(IN, OUT).when(SignOut("s1", "forced")).then_nothing()


def test_a_session_that_is_over_does_not_begin_again() -> None:
    sessions.given(IN, OUT).when(SIGN_IN).then_nothing()


commands = st.sampled_from([SIGN_IN, SignOut("s1", "user"), SignOut("s1", "forced", "u2")])


@given(earlier=st.lists(commands, max_size=6), command=commands)
def test_every_command_may_be_retried(
    earlier: Sequence[SessionCommand], command: SessionCommand
) -> None:
    sessions.given_commands(earlier).when(command).then_repeating_changes_nothing()


def test_an_organization_is_registered_once_under_its_domain() -> None:
    spec, command = Spec(organization), RegisterOrganization("o1", "Example", "example.com")
    registered = OrganizationRegistered(
        organization_id="o1", name="Example", domains=("example.com",), sign_in_name="example-com"
    )
    spec.when(command).then(registered)
    spec.given(registered).when(command).then_nothing()


def test_two_domains_never_share_a_sign_in_name() -> None:
    assert sign_in_name("a-b.example") != sign_in_name("a.b.example")


def test_a_user_is_registered_once_without_any_password() -> None:
    spec = Spec(user)
    command = RegisterUser("u1", "ada@example.com", "administrator", "Ada", "Lovelace")
    registered = UserRegistered(
        user_id="u1",
        login_id="ada@example.com",
        role="administrator",
        first_name="Ada",
        last_name="Lovelace",
        credential_version=1,
    )
    spec.when(command).then(registered)
    spec.given(registered).when(command).then_nothing()
