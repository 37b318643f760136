"""A guest's SIP accounts on the desk's device: there while the guest is, gone with the guest."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.projection import Projection
from chassis.testing.foreign_log import ForeignLog
from schemas.sessions import DeskAssociated, DeskReleased
from services.activation.documents import SeatedDevice, with_guest
from services.activation.guests import GuestView, project_guest
from services.activation.projections import DeviceView, projections
from tests.integration.activation_scene import leaves, sits_down

DEVICE = DeviceView("d1", 1, "c1", "Desk 12", ("a0",), revision=3)


def fold(*events: DeskAssociated | DeskReleased) -> GuestView | None:
    view: GuestView | None = None
    for recorded in ForeignLog().record(*events):
        view = project_guest(view, recorded)
    return view


def test_a_desk_without_guest_keeps_its_own_accounts() -> None:
    assert with_guest(DEVICE, fold()) == SeatedDevice(**vars(DEVICE))


def test_b5_b6_the_desks_phone_is_the_guests_while_the_guest_sits_there() -> None:
    seated = with_guest(DEVICE, fold(sits_down("x1", "a1", "a2")))
    assert (seated.sip_account_ids, seated.revision) == (("a1", "a2"), 4)


def test_b7_the_desk_has_its_own_accounts_back_afterwards() -> None:
    free = with_guest(DEVICE, fold(sits_down("x1", "a1"), leaves("x1")))
    assert (free.sip_account_ids, free.revision) == (("a0",), 5)


def test_a_guest_without_accounts_changes_the_revision_only() -> None:
    seated = with_guest(DEVICE, fold(sits_down("x1")))
    assert (seated.sip_account_ids, seated.revision) == (("a0",), 4)


def test_whoever_left_earlier_takes_nothing_from_the_next_guest() -> None:
    view = fold(sits_down("x1", "a1"), leaves("x1"), sits_down("x2", "a2"), leaves("x1"))
    assert with_guest(DEVICE, view).sip_account_ids == ("a2",)


@given(
    st.lists(
        st.sampled_from([sits_down("x1", "a1"), sits_down("x2", "a2"), leaves("x1"), leaves("x2")])
    )
)
def test_i9_every_coming_and_going_is_a_revision_of_its_own(
    events: Sequence[DeskAssociated | DeskReleased],
) -> None:
    revisions = [with_guest(DEVICE, fold(*events[:n])).revision for n in range(len(events) + 1)]
    steps = [later - earlier for earlier, later in pairwise(revisions)]
    assert set(steps) <= {0, 1}
    comings = sum(isinstance(event, DeskAssociated) for event in events)
    assert revisions[-1] >= DEVICE.revision + comings


def test_each_document_is_fed_by_one_log() -> None:
    def logs(one: Projection[Any]) -> set[str]:
        return {kind.service for kind in one.keys}

    assert all(len(logs(one)) == 1 for one in projections)
