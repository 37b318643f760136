"""Events of earlier shapes are lifted to the newest one when they are read."""

from copy import deepcopy
from typing import Any

import pytest

from schemas.envelope import Envelope, UnknownEvent
from schemas.event import Event
from schemas.fields import Id
from schemas.upcasts import UPCASTS, Data, upcast

OLD = "probe.v1.BoothOccupied"
FIRST_SHAPE = {"booth": "b1", "phones": "100,101"}


def lift_v1(data: Data) -> tuple[str, Data]:
    return "probe.v2.BoothOccupied", {"booth_id": data["booth"], "phones": data["phones"]}


def lift_v2(data: Data) -> tuple[str, Data]:
    return "probe.v3.BoothOccupied", {**data, "phones": data["phones"].split(",")}


@pytest.fixture
def newest(monkeypatch: pytest.MonkeyPatch) -> type[Event]:
    """The third shape of an event, with its way from the first. Forgotten after the test."""
    monkeypatch.setattr(Event, "catalog", dict(Event.catalog))
    monkeypatch.setitem(UPCASTS, OLD, lift_v1)
    monkeypatch.setitem(UPCASTS, "probe.v2.BoothOccupied", lift_v2)

    class BoothOccupied(Event, name="probe.v3.BoothOccupied", aggregate="booth"):
        """A booth is taken."""

        booth_id: Id
        phones: tuple[str, ...]

    return BoothOccupied


def envelope(wire_name: str, data: dict[str, Any]) -> Envelope:
    return Envelope.model_validate(
        {
            "id": "1",
            "source": "/switchboard/probe",
            "type": wire_name,
            "subject": "booth/b1",
            "time": "2026-10-05T09:00:00Z",
            "dataschema": "urn:switchboard:schema:probe:v1:BoothOccupied",
            "organization": "o1",
            "version": 1,
            "correlationid": "c1",
            "causationid": "c1",
            "actor": "u1",
            "data": data,
        }
    )


def test_an_event_of_the_first_shape_is_read_in_the_third(newest: type[Event]) -> None:
    event = envelope(OLD, FIRST_SHAPE).event()
    assert event == newest.model_validate({"booth_id": "b1", "phones": ["100", "101"]})


def test_an_event_of_the_second_shape_takes_the_rest_of_the_way(newest: type[Event]) -> None:
    event = envelope("probe.v2.BoothOccupied", {"booth_id": "b1", "phones": "7"}).event()
    assert event == newest.model_validate({"booth_id": "b1", "phones": ["7"]})


def test_a_current_event_passes_unchanged(newest: type[Event]) -> None:
    data = {"booth_id": "b1", "phones": ["7"]}
    assert upcast(newest.wire_name, data) == (newest.wire_name, data)


@pytest.mark.usefixtures("newest")
def test_reading_an_old_event_leaves_the_stored_one_alone() -> None:
    stored = envelope(OLD, deepcopy(FIRST_SHAPE))
    assert stored.event() == stored.event()
    assert (stored.type, stored.data) == (OLD, FIRST_SHAPE)


def test_an_event_of_a_newer_release_is_refused_with_advice() -> None:
    with pytest.raises(UnknownEvent, match=r"probe\.v9\.BoothMoved is not known here\. Deploy"):
        envelope("probe.v9.BoothMoved", {}).event()


def test_a_wire_name_is_given_once() -> None:
    with pytest.raises(TypeError, match="already the wire name of AgentSignedIn"):
        type("Copy", (Event,), {}, name="sessions.v1.AgentSignedIn", aggregate="session")
