"""Where personal data may stand, and where it can end up by accident."""

from chassis.jetstream.topology import Topology
from schemas import catalog
from schemas.fields import PERSONAL


def personal() -> set[str]:
    (mark,) = PERSONAL
    kinds = catalog.published()
    return {one.short_name for one in kinds if mark in str(one.model_json_schema())}


def test_personal_data_stands_in_events_of_contacts_and_users_only() -> None:
    assert personal()
    assert {one.aggregate for one in catalog.published() if one.short_name in personal()} <= {
        "contact",
        "user",
    }


def test_no_dead_letter_can_hold_personal_data_since_no_reaction_is_given_any() -> None:
    services = Topology.load().services.values()
    awaited = {event for one in services for events in one.reacts.values() for event in events}
    assert awaited
    assert awaited & personal() == set()
