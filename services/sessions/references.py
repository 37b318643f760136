"""Checks that what a desk or user refers to exists in provisioning."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from chassis.decider import Invalid
from chassis.read_models import ReadModelStore
from schemas.said import said
from services.sessions.projections import KNOWN

PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""What was entered just now may still be on its way here."""

_NO_SUCH = {
    "device": said("There is no such device. Choose one of the list."),
    "contact": said("There is no such contact. Choose one of the list."),
    "sip_account": said("There is no such SIP account. Choose one of the list."),
}


@dataclass(frozen=True)
class References:
    """Knows devices, contacts and SIP accounts by id."""

    read_models: ReadModelStore

    async def check(self, organization: str, field: str, kind: str, ids: Iterable[str]) -> None:
        """Refuse ids of anything else. Raises `Invalid`."""
        wanted = set(ids)
        for pause in (*PAUSES_SECONDS, None):
            missing = [one for one in sorted(wanted) if not await self._is(organization, one, kind)]
            if not missing:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        raise Invalid(field, _NO_SUCH[kind])

    async def _is(self, organization: str, one: str, kind: str) -> bool:
        known = await self.read_models.get(KNOWN, organization, one)
        return known is not None and known.kind == kind
