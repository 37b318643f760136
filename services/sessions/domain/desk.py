"""Desk: a place with a device, where agents may sit as guests if it is marked for that."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider, Refused, Unknown
from schemas.sessions import DeskConfigured, DeskWithdrawn

DeskEvent = DeskConfigured | DeskWithdrawn


class DeviceHasDesk(Refused):
    """The device stands at another desk."""


class DeskInUse(Refused):
    """Somebody sits at the desk."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk as it is set up now."""

    name: str
    device_id: str
    hot_desk: bool
    max_hours: float | None = None


@dataclass(frozen=True, slots=True)
class ConfigureDesk:
    """Set a desk up, or set it up anew. `taken` says that somebody sits there."""

    desk_id: str
    desk: Desk
    taken: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawDesk:
    """Take a desk away."""

    desk_id: str


DeskCommand = ConfigureDesk | WithdrawDesk


@dataclass(frozen=True, slots=True)
class Place:
    """A desk, or where one was."""

    desk: Desk
    withdrawn: bool = False


def decide(command: DeskCommand, place: Place | None) -> Sequence[DeskEvent]:
    """What follows from a command."""
    match command:
        case ConfigureDesk(desk_id, desk, taken):
            if place and place.withdrawn:
                raise _no_desk()
            if place and desk == place.desk:
                return []
            earlier = place.desk.device_id if place else None
            moved = earlier if earlier != desk.device_id else None
            if moved and taken:
                raise DeskInUse("Somebody sits there. Sign them out, then change the device.")
            return [_configured(desk_id, desk, moved)]
        case WithdrawDesk(desk_id):
            if place is None:
                raise _no_desk()
            withdrawn = DeskWithdrawn(desk_id=desk_id, device_id=place.desk.device_id)
            return [] if place.withdrawn else [withdrawn]


def _no_desk() -> Unknown:
    return Unknown("There is no such desk. Choose one of the list.")


def existing(place: Place | None) -> Desk:
    """A desk that has not been withdrawn. Raises `Unknown`."""
    if place is None or place.withdrawn:
        raise _no_desk()
    return place.desk


def _configured(desk_id: str, desk: Desk, earlier_device_id: str | None) -> DeskConfigured:
    return DeskConfigured(
        desk_id=desk_id,
        name=desk.name,
        device_id=desk.device_id,
        earlier_device_id=earlier_device_id,
        hot_desk=desk.hot_desk,
        max_hours=desk.max_hours,
    )


def evolve(place: Place | None, event: DeskEvent) -> Place | None:
    """What a fact changes."""
    match event:
        case DeskConfigured():
            return Place(Desk(event.name, event.device_id, event.hot_desk, event.max_hours))
        case DeskWithdrawn():
            return place and Place(place.desk, withdrawn=True)


desk: Decider[DeskCommand, Place | None, DeskEvent] = Decider(None, decide, evolve)
