"""Rules of sessions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Refused
from chassis.testing.spec import Spec
from schemas.sessions import (
    AcdStateChanged,
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskReleased,
    SessionConnectionLost,
    SessionResumed,
)
from services.sessions.domain.session import AgentsOnly, ReasonMissing, SessionOver, session
from services.sessions.domain.session_commands import (
    ChangeAcdState,
    EndGrace,
    EndTime,
    LeaveDesk,
    LoseConnection,
    Resume,
    SessionCommand,
    SignIn,
    SignOut,
    TakeDesk,
)
from services.sessions.domain.session_state import Acd, Seat, Session

MACHINE = "0" * 64
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
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
LOST = SessionConnectionLost(session_id="s1", user_id="u1", kept_until=LATER)
RESUMED = SessionResumed(session_id="s1", user_id="u1")
SIGN_IN = SignIn("s1", "u1", "agent", MACHINE, "typed", True, "en")
SEAT = Seat("x1", "k1", "d1", ("a1",))
SAT = DeskAssociated(
    session_id="s1",
    user_id="u1",
    association_id="x1",
    desk_id="k1",
    device_id="d1",
    sip_account_ids=("a1",),
)
LEFT = DeskReleased(
    session_id="s1",
    user_id="u1",
    association_id="x1",
    desk_id="k1",
    device_id="d1",
    reason="left",
)
LUNCH = Acd("unavailable", "Lunch")


def test_signing_in_starts_a_session() -> None:
    sessions.when(SIGN_IN).then(IN)


def test_b5_signing_in_at_a_desk_takes_it_in_the_same_step() -> None:
    signed_in = IN.model_copy(update={"desk_id": "k1"})
    sessions.when(replace(SIGN_IN, seat=SEAT)).then(signed_in, SAT)


def test_i24_only_agents_sit_down() -> None:
    supervisor = replace(SIGN_IN, role="supervisor")
    sessions.when(replace(supervisor, seat=SEAT)).then_refused(AgentsOnly)
    boss = IN.model_copy(update={"role": "supervisor"})
    sessions.given(boss).when(TakeDesk("s1", SEAT)).then_refused(AgentsOnly)


def test_signing_out_ends_it_and_says_why() -> None:
    sessions.given(IN).when(SignOut("s1", "user")).then(OUT)


def test_a_session_ends_once() -> None:
    sessions.given(IN, OUT).when(SignOut("s1", "forced")).then_nothing()


def test_a_session_that_is_over_does_not_begin_again() -> None:
    sessions.given(IN, OUT).when(SIGN_IN).then_nothing()


@pytest.mark.parametrize(
    "command", [TakeDesk("s1", SEAT), LeaveDesk("s1"), ChangeAcdState("s1", Acd("available"))]
)
def test_nothing_can_be_done_in_a_session_that_is_over(command: SessionCommand) -> None:
    sessions.given(IN, OUT).when(command).then_refused(SessionOver)


def test_leaving_the_desk_keeps_the_session() -> None:
    sessions.given(IN, SAT).when(LeaveDesk("s1")).then(LEFT)
    sessions.given(IN).when(LeaveDesk("s1")).then_nothing()


def test_i23_another_desk_leaves_the_earlier_one() -> None:
    moved, there = Seat("x2", "k2", "d2"), {"association_id": "x2", "desk_id": "k2"}
    sat = SAT.model_copy(update={**there, "device_id": "d2", "sip_account_ids": ()})
    left = LEFT.model_copy(update={"reason": "moved"})
    sessions.given(IN, SAT).when(TakeDesk("s1", moved)).then(left, sat)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (SignOut("s1", "takeover", "u1"), "takeover"),
        (SignOut("s1", "desk_withdrawn"), "desk_withdrawn"),
        (EndGrace("s1", LATER), "grace_over"),
    ],
)
def test_i25_whatever_ends_the_session_frees_the_desk(command: SessionCommand, reason: str) -> None:
    given = sessions.given(IN, SAT, LOST)
    released, over = session.decide(command, given.state)
    assert isinstance(released, DeskReleased)
    assert isinstance(over, AgentSignedOut)
    assert released.reason == over.reason == reason


def test_i28_losing_the_connection_ends_a_session_that_is_not_to_stay() -> None:
    short = IN.model_copy(update={"stay_signed_in": False})
    lost = OUT.model_copy(update={"reason": "connection_lost"})
    sessions.given(short).when(LoseConnection("s1", LATER)).then(lost)


def test_i28_losing_the_connection_keeps_a_session_that_is_to_stay() -> None:
    sessions.given(IN).when(LoseConnection("s1", LATER)).then(LOST)
    sessions.given(IN, LOST).when(LoseConnection("s1", LATER)).then_nothing()


def test_i28_the_grace_time_ends_exactly_when_it_is_over() -> None:
    sessions.given(IN, LOST).when(EndGrace("s1", LATER - timedelta(seconds=1))).then_nothing()
    over = OUT.model_copy(update={"reason": "grace_over"})
    sessions.given(IN, LOST).when(EndGrace("s1", LATER)).then(over)


def test_i28_who_came_back_in_time_is_not_signed_out() -> None:
    sessions.given(IN, LOST).when(Resume("s1")).then(RESUMED)
    sessions.given(IN, LOST, RESUMED).when(EndGrace("s1", LATER)).then_nothing()


def test_a_session_ends_when_its_time_or_the_desks_is_over() -> None:
    limited = IN.model_copy(update={"ends_at": LATER})
    over = OUT.model_copy(update={"reason": "limit"})
    sessions.given(limited).when(EndTime("s1", LATER)).then(over)
    sessions.given(limited).when(EndTime("s1", NOON)).then_nothing()
    short = SAT.model_copy(update={"ends_at": NOON})
    released = LEFT.model_copy(update={"reason": "limit"})
    sessions.given(limited, short).when(EndTime("s1", NOON)).then(released, over)
    sessions.given(limited, short, LEFT).when(EndTime("s1", NOON)).then_nothing()


def test_who_takes_no_calls_says_why() -> None:
    changed = AcdStateChanged(
        session_id="s1", user_id="u1", state="unavailable", reason="Lunch", by="u2"
    )
    sessions.given(IN).when(ChangeAcdState("s1", LUNCH, "u2")).then(changed)
    sessions.given(IN, changed).when(ChangeAcdState("s1", LUNCH)).then_nothing()
    silent = ChangeAcdState("s1", Acd("unavailable"))
    sessions.given(IN).when(silent).then_refused(ReasonMissing)


def test_i30_signing_out_ends_the_acd_state() -> None:
    changed = AcdStateChanged(session_id="s1", user_id="u1", state="available")
    state = sessions.given(IN, changed, OUT).state
    assert state is not None
    assert state.acd is None


commands = st.sampled_from(
    [
        SIGN_IN,
        replace(SIGN_IN, seat=SEAT),
        SignOut("s1", "user"),
        SignOut("s1", "forced", "u2"),
        LoseConnection("s1", LATER),
        Resume("s1"),
        EndGrace("s1", LATER),
        EndTime("s1", LATER),
        TakeDesk("s1", SEAT),
        TakeDesk("s1", Seat("x2", "k2", "d2", ends_at=NOON)),
        LeaveDesk("s1"),
        ChangeAcdState("s1", LUNCH),
        ChangeAcdState("s1", Acd("available")),
    ]
)


@given(earlier=st.lists(commands, max_size=8), command=commands)
def test_every_command_may_be_retried(
    earlier: Sequence[SessionCommand], command: SessionCommand
) -> None:
    sessions.given_commands(earlier).when(command).then_repeating_changes_nothing()


@given(st.lists(commands, max_size=12))
def test_i25_an_association_begins_and_ends_with_the_session(
    asked: Sequence[SessionCommand],
) -> None:
    state: Session | None = None
    seats: set[str] = set()
    for command in asked:
        try:
            facts = session.decide(command, state)
        except Refused:
            continue
        for fact in facts:
            match fact:
                case DeskAssociated(association_id=one):
                    seats.add(one)
                case DeskReleased(association_id=one):
                    seats.remove(one)
            assert len(seats) <= 1
        state = session.fold(facts, state) if facts else state
        held = {state.seat.association_id} if state and state.seat else set()
        assert held == seats
        if state and not state.live:
            assert (seats, state.acd, state.kept_until) == (set(), None, None)
