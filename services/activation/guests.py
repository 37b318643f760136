"""Guests at hot desks: while one sits there, the desk's device has the guest's SIP accounts.

A fold of the sessions service's log, apart from the device itself: which of the two logs is read
first makes no difference. Who sits there now is one document, who ever did are many.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.sessions import DeskAssociated, DeskReleased


@dataclass(frozen=True)
class GuestView:
    """Who sits at a device's desk (None: nobody), and how often that has changed."""

    id: str
    changes: int = 0
    association_id: str | None = None
    sip_account_ids: tuple[str, ...] = ()

    def comes(self, association_id: str, sip_account_ids: tuple[str, ...]) -> "GuestView":
        """Another guest sits down."""
        return GuestView(self.id, self.changes + 1, association_id, sip_account_ids)

    def goes(self, association_id: str) -> "GuestView":
        """This guest leaves; one who had left before changes nothing."""
        if self.association_id != association_id:
            return self
        return GuestView(self.id, self.changes + 1)


@dataclass(frozen=True)
class SittingView:
    """One guest's time at a device's desk; `came` and `went` are places in the log."""

    id: str
    device_id: str
    sip_account_ids: tuple[str, ...]
    since: datetime
    came: int
    until: datetime | None = None
    went: int | None = None


def project_guest(view: GuestView | None, recorded: Recorded) -> GuestView | None:
    """Fold comings and goings."""
    match recorded.event:
        case DeskAssociated() as event:
            seat = view or GuestView(event.device_id)
            return seat.comes(event.association_id, event.sip_account_ids)
        case DeskReleased(association_id=left):
            return view and view.goes(left)
    return view


def project_sitting(view: SittingView | None, recorded: Recorded) -> SittingView | None:
    """Fold one guest's coming and going."""
    at, sequence = recorded.envelope.time, recorded.position.sequence
    match recorded.event:
        case DeskAssociated() as event:
            accounts = event.sip_account_ids
            return SittingView(event.association_id, event.device_id, accounts, at, sequence)
        case DeskReleased():
            return view and replace(view, until=at, went=sequence)
    return view


GUESTS = ReadModel("guests_v1", GuestView)
SITTINGS = ReadModel("sittings_v1", SittingView, (Index("by_device", ("device_id", "since")),))

_FACTS = (DeskAssociated, DeskReleased)

guest_projection = Projection(GUESTS, dict.fromkeys(_FACTS, attrgetter("device_id")), project_guest)
sitting_projection = Projection(
    SITTINGS, dict.fromkeys(_FACTS, attrgetter("association_id")), project_sitting
)
