"""What a hot desk's device was set up as at a past moment: its guest's accounts, then its own."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.event_store import Recorded
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.read_models import MemoryReadModelStore
from schemas.sessions import DeskAssociated, DeskReleased
from services.activation.guests import GUESTS, GuestView
from services.activation.past_guests import PAGE, PastGuests
from services.activation.projections import projections
from tests.integration.activation_scene import (
    ACCOUNT,
    SECRET,
    Clock,
    Installation,
    leaves,
    sits_down,
)

pytest_plugins = ["tests.integration.activation_fixtures"]

CONFIGURATION = "/api/v1/devices/d1/configuration"


async def test_d1_d2_a_past_configuration_is_that_of_the_agent_who_sat_there(
    here: Installation,
) -> None:
    await here.happens(
        ACCOUNT.model_copy(update={"sip_account_id": "a2", "username": "2002"}),
        SECRET.model_copy(update={"sip_account_id": "a2"}),
        ACCOUNT.model_copy(update={"sip_account_id": "a3", "username": "3003"}),
        SECRET.model_copy(update={"sip_account_id": "a3"}),
    )
    for event in (sits_down("x1", "a2"), leaves("x1"), sits_down("x2", "a3"), leaves("x2")):
        here.clock.forward(hours=1)
        await here.at_the_desk(event)
    moments = {
        "12:30": ("1001", 1),
        "13:00": ("2002", 2),
        "13:30": ("2002", 2),
        "14:30": ("1001", 3),
        "15:30": ("3003", 4),
        "16:30": ("1001", 5),
    }
    for at, expected in moments.items():
        then = (await here.get(f"{CONFIGURATION}?at=2026-05-03T{at}:00Z")).json()
        assert (then["accounts"][0]["username"], then["revision"]) == expected, at
    now = (await here.get(CONFIGURATION)).json()
    assert (now["accounts"][0]["username"], now["revision"]) == moments["16:30"]


async def test_d2_the_difference_between_two_moments_tells_that_a_guest_came(
    here: Installation,
) -> None:
    await here.happens(
        ACCOUNT.model_copy(update={"sip_account_id": "a2", "username": "2002"}),
        SECRET.model_copy(update={"sip_account_id": "a2", "secret_id": "a2"}),
    )
    here.clock.forward(hours=1)
    await here.at_the_desk(sits_down("x1", "a2"))
    answer = await here.get(f"{CONFIGURATION}/difference?since=2026-05-03T12:30:00Z")
    found = {(c["field"], c["before"], c["after"]) for c in answer.json()["changes"]}
    assert found >= {("revision", 1, 2), ("username", "1001", "2002")}


async def test_a_guest_of_another_devices_desk_is_none_here(here: Installation) -> None:
    here.clock.forward(hours=1)
    elsewhere = sits_down("x1", "a2").model_copy(update={"device_id": "d2"})
    await here.at_the_desk(elsewhere)
    then = (await here.get(f"{CONFIGURATION}?at=2026-05-03T13:00:00Z")).json()
    assert (then["accounts"][0]["username"], then["revision"]) == ("1001", 1)


@pytest.mark.parametrize("guests", [PAGE, PAGE + 1])
async def test_a_desk_may_have_had_many_guests(guests: int) -> None:
    events = [e for n in range(guests) for e in (sits_down(f"x{n:04}", "a2"), leaves(f"x{n:04}"))]
    store, recorded = await folded(events)
    last = recorded[-1].envelope.time
    assert await PastGuests(store).at("acme", "d1", last) == GuestView("d1", 2 * guests)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["x1", "x2", "x3"]), max_size=6), st.booleans())
async def test_the_past_as_of_now_is_the_present_at_every_step(
    comings: list[str], overlapping: bool
) -> None:
    events: list[DeskAssociated | DeskReleased] = []
    for one in dict.fromkeys(comings):
        events += [sits_down(one, f"a-{one}"), leaves(one)]
    if overlapping:
        # A desk moved to another device, say: the one who came last counts.
        events.sort(key=lambda event: isinstance(event, DeskReleased))
    for known in range(len(events) + 1):
        store, recorded = await folded(events[:known])
        moment = recorded[-1].envelope.time if recorded else Clock()()
        present = await store.get(GUESTS, "acme", "d1")
        assert await PastGuests(store).at("acme", "d1", moment) == present


async def folded(
    events: list[DeskAssociated | DeskReleased],
) -> tuple[MemoryReadModelStore, list[Recorded]]:
    """The read models after these events, a minute apart."""
    store, clock = MemoryReadModelStore(), Clock()
    await store.open(*(projection.model for projection in projections))
    log, recorded = ForeignLog(clock=clock), list[Recorded]()
    for event in events:
        clock.forward(minutes=1)
        recorded += log.record(event)
    if recorded:
        await project(projections, store, recorded)
    return store, recorded
