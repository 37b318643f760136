"""Guests at hot desks: while one sits there, the desk's device has the guest's SIP accounts.

A fold of the sessions service's log, apart from the device itself: which of the two logs is read
first makes no difference.
"""

from dataclasses import dataclass
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel
from schemas.sessions import DeskAssociated, DeskReleased


@dataclass(frozen=True)
class GuestView:
    """Who sits at a device's desk (None: nobody), and how often that has changed."""

    id: str
    changes: int
    association_id: str | None = None
    sip_account_ids: tuple[str, ...] = ()


def project_guest(view: GuestView | None, recorded: Recorded) -> GuestView | None:
    """Fold comings and goings."""
    match recorded.event:
        case DeskAssociated() as event:
            changes = view.changes + 1 if view else 1
            accounts = event.sip_account_ids
            return GuestView(event.device_id, changes, event.association_id, accounts)
        case DeskReleased(association_id=left) if view and view.association_id == left:
            return GuestView(view.id, view.changes + 1)
    return view


GUESTS = ReadModel("guests_v1", GuestView)

guest_projection = Projection(
    GUESTS, dict.fromkeys((DeskAssociated, DeskReleased), attrgetter("device_id")), project_guest
)
