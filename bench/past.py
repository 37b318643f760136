"""Questions to the past over 100 000 events of sessions, in SQLite."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.measuring import Bench, Line
from chassis.read_models import Checkpoint, ReadModel, ReadModelStore, Write
from services.sessions.associations import ASSOCIATIONS, AssociationView
from services.sessions.domain.session_state import Session
from services.sessions.history import History
from services.sessions.projections import SESSIONS, Loss, SessionView
from switchboard.stores import read_model_store

ORGANIZATION, BATCH = "acme", 1_000
SESSIONS_HELD, FEW = 20_000, 2_000
EVENTS_EACH = 5
"""Signed in, sat down, lost, left, signed out."""

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(minutes=5)
DESKS, PEOPLE = 100, 300


async def measure(bench: Bench) -> list[Line]:
    """Who sat there, seat hours and a simulation over all of it, in milliseconds."""
    count = FEW if bench.quick else SESSIONS_HELD
    async with read_model_store("sqlite", bench.folder / "past", "sessions") as store:
        await store.open(SESSIONS, ASSOCIATIONS)
        await _fill(bench, store, count)
        history = History(store, lambda: FIRST + count * APART)
        end = FIRST + count * APART
        grace, longest = timedelta(seconds=30), timedelta(hours=8)
        questions = {
            "who sat at a desk": history.guest(ORGANIZATION, "desk-7", FIRST + APART * count / 2),
            "seat hours": history.seat_hours(ORGANIZATION, FIRST, end),
            "policy simulation": history.simulation(ORGANIZATION, FIRST, end, grace, longest),
        }
        lines = []
        for what, question in questions.items():
            began = time.perf_counter()
            await question
            taken = (time.perf_counter() - began) * 1000
            named = f"{what}, {count * EVENTS_EACH:,} events"
            lines.append(Line(what=named, unit="ms", ours=taken))
        return lines


async def _fill(bench: Bench, store: ReadModelStore, count: int) -> None:
    for start in range(0, count, BATCH):
        writes: list[Write[Any]] = []
        for number in range(start, min(start + BATCH, count)):
            writes.append(_write(SESSIONS, f"s{number}", number, _session(number)))
            writes.append(_write(ASSOCIATIONS, f"x{number}", number, _association(number)))
        await store.apply(writes, Checkpoint("sessions", "SESSIONS", "bench", start + BATCH))
        bench.report("past: filling", start, count)


def _write(model: ReadModel[Any], key: str, number: int, document: Any) -> Write[Any]:
    return Write(model, ORGANIZATION, key, document, {}, {"SESSIONS": number + 1})


def _session(number: int) -> SessionView:
    user, began = f"user-{number % PEOPLE}", FIRST + number * APART
    state = Session(user, "agent", "0" * 64, stay_signed_in=True, language="en", ended="user")
    lost = began + timedelta(hours=2)
    silence = Loss(lost, lost + timedelta(seconds=number % 90))
    ended = began + timedelta(hours=7)
    return SessionView(f"s{number}", 5, False, user, began, state, ended, None, (silence,))


def _association(number: int) -> AssociationView:
    began = FIRST + number * APART
    desk, user = f"desk-{number % DESKS}", f"user-{number % PEOPLE}"
    ended = began + timedelta(hours=7)
    return AssociationView(
        f"x{number}", desk, f"d{desk}", user, f"s{number}", ("a1",), began, False, ended, "user"
    )
