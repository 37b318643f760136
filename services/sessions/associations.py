"""Guests at desks, now and in the past: a fold that answers who sat where."""

from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.sessions import DeskAssociated, DeskReleased


@dataclass(frozen=True)
class AssociationView:
    """Who sat at which desk, with which numbers, from when until when."""

    id: str
    desk_id: str
    device_id: str
    user_id: str
    session_id: str
    sip_account_ids: tuple[str, ...]
    started_at: datetime
    going_on: bool = True
    ended_at: datetime | None = None
    reason: str | None = None


def project_association(view: AssociationView | None, recorded: Recorded) -> AssociationView | None:
    """Fold what happened between a guest and a desk."""
    event, at = recorded.event, recorded.envelope.time
    if isinstance(event, DeskAssociated):
        return AssociationView(
            event.association_id,
            event.desk_id,
            event.device_id,
            event.user_id,
            event.session_id,
            event.sip_account_ids,
            at,
        )
    if isinstance(event, DeskReleased) and view:
        return replace(view, going_on=False, ended_at=at, reason=event.reason)
    return view


ASSOCIATIONS = ReadModel(
    "associations_v3",
    AssociationView,
    (
        Index("by_desk", ("desk_id", "started_at")),
        Index("by_device", ("device_id", "started_at")),
        Index("by_going_on", ("going_on", "started_at")),
        Index("by_end", ("going_on", "ended_at")),
    ),
)

association_projection = Projection(
    ASSOCIATIONS,
    dict.fromkeys((DeskAssociated, DeskReleased), attrgetter("association_id")),
    project_association,
)
