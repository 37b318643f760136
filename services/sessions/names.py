"""What people call users and desks, for lists and history."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.read_models import ReadModelStore
from services.sessions.projections import DESKS, USERS


@dataclass(frozen=True)
class Names:
    """User ids and names of desks, also of those that are no longer there."""

    read_models: ReadModelStore

    async def users(self, organization: str, ids: Iterable[str]) -> dict[str, str]:
        """User ids, as people type them, by opaque id."""
        keys = [(organization, one) for one in dict.fromkeys(ids)]
        stored = await self.read_models.stored(USERS, keys)
        return {key: s.document.login_id for (_, key), s in stored.items() if s.document}

    async def desks(self, organization: str, ids: Iterable[str]) -> dict[str, str]:
        """Names of desks by id."""
        keys = [(organization, one) for one in dict.fromkeys(ids)]
        stored = await self.read_models.stored(DESKS, keys)
        return {key: s.document.name for (_, key), s in stored.items() if s.document}
