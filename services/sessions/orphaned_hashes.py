"""Hashes that a crash left behind: of users who were removed, and of earlier passwords."""

from dataclasses import dataclass

from chassis.command_handler import CommandHandler
from chassis.vault import Vault
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.user import user
from services.sessions.passwords import HASHES, owner_of

SECONDS = 3600.0
AT_ONCE = 100


@dataclass
class OrphanedHashes:
    """Goes through all hashes again and again, and erases those that the log knows to be useless.

    No reaction does it: the event of a removal holds the login id, and so would a dead letter. A
    hash whose user the log does not know stays: its registration may be under way.
    """

    vault: Vault
    commands: CommandHandler
    _after: int = 0

    async def sweep(self) -> bool:
        """Look at some more of them; whether there are others. Raises `StoreUnavailable`."""
        found = await self.vault.listed(HASHES, self._after, AT_ONCE)
        for key, entry in found:
            if entry.value is not None and await self._is_useless(key):
                await self.vault.erase(key)
            self._after = entry.revision
        if not found:
            self._after = 0
        return bool(found)

    async def _is_useless(self, key: str) -> bool:
        organization, user_id, version = owner_of(key)
        known = (await self.commands.look(user_of(organization, user_id), user)).state
        return known is not None and (known.removed or version < known.credential_version)
