"""The codes that can still be exchanged, of all organizations, by when they expire."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from chassis.event_store import INSTALLATION, Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.activation import (
    ActivationCodeExpired,
    ActivationCodeIssued,
    ActivationCodeRevoked,
    DeviceActivated,
)


@dataclass(frozen=True)
class LiveCodeView:
    """The code of a device, by its generation."""

    id: str
    organization: str
    generation: int
    expires_at: datetime


def project_live_code(view: LiveCodeView | None, recorded: Recorded) -> LiveCodeView | None:
    """Fold what becomes of codes: only the newest of a device can be alive."""
    match recorded.event:
        case ActivationCodeIssued() as event:
            organization = recorded.envelope.organization
            return LiveCodeView(event.device_id, organization, event.generation, event.expires_at)
        case ActivationCodeExpired() | ActivationCodeRevoked() | DeviceActivated() as event:
            return None if view and view.generation == event.generation else view
    return view


def _installation(_: Recorded) -> str:
    return INSTALLATION


LIVE_CODES = ReadModel("live_codes_v1", LiveCodeView, (Index("by_expiry", ("expires_at",)),))

live_code_projection = Projection(
    LIVE_CODES,
    dict.fromkeys(
        (ActivationCodeIssued, ActivationCodeExpired, ActivationCodeRevoked, DeviceActivated),
        attrgetter("activation_id"),
    ),
    project_live_code,
    _installation,
)
