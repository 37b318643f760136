"""Who sat at a device's hot desk at a past moment, and how often that had changed until then."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.read_models import Bounds, ReadModelStore
from services.activation.guests import SITTINGS, GuestView, SittingView

PAGE = 200
# Not every store tells moments apart that are closer.
_MOMENT = timedelta(milliseconds=1)


class _Change(NamedTuple):
    place: int
    at: datetime
    sitting: SittingView
    came: bool


@dataclass(frozen=True)
class PastGuests:
    """Folds the sittings at a desk up to a moment, as the live view folds them up to now."""

    read_models: ReadModelStore

    async def at(self, organization: str, device_id: str, moment: datetime) -> GuestView | None:
        """The guest as of a moment, None if there never was one. Raises `ReadModelsUnavailable`."""
        sittings = [one async for one in self._until(organization, device_id, moment)]
        changes = sorted(change for one in sittings for change in _changes(one))
        guest: GuestView | None = None
        for change in changes:
            if change.at <= moment:
                guest = _changed(guest or GuestView(device_id), change)
        return guest

    async def _until(
        self, organization: str, device_id: str, moment: datetime
    ) -> AsyncIterator[SittingView]:
        bounds, cursor = Bounds(equals=(device_id,), high=moment + _MOMENT), None
        while True:
            page = await self.read_models.find(
                SITTINGS, organization, "by_device", bounds, cursor=cursor, limit=PAGE
            )
            for sitting in page.items:
                yield sitting
            if (cursor := page.next) is None:
                return


def _changes(sitting: SittingView) -> Iterator[_Change]:
    yield _Change(sitting.came, sitting.since, sitting, came=True)
    if sitting.until is not None and sitting.went is not None:
        yield _Change(sitting.went, sitting.until, sitting, came=False)


def _changed(guest: GuestView, change: _Change) -> GuestView:
    if change.came:
        return guest.comes(change.sitting.id, change.sitting.sip_account_ids)
    return guest.goes(change.sitting.id)
