"""The vault in memory: the contract of `Vault` in its simplest form."""

from chassis.jetstream.subject_patterns import covers
from chassis.vault import Entry, VaultConflict


class MemoryVault:
    """`Vault` for one test."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._revision = 0

    def kept(self) -> set[str]:
        """Keys of what has not been erased."""
        return {key for key, entry in self._entries.items() if entry.value is not None}

    async def get(self, key: str) -> Entry:
        """The present entry."""
        return self._entries.get(key, Entry())

    async def put(self, key: str, value: bytes, *, revision: int | None = None) -> int:
        """Keep a value. Raises `VaultConflict`."""
        if not value:
            raise ValueError("An empty value means an erased one: call erase().")
        if revision not in (None, (await self.get(key)).revision):
            raise VaultConflict(f"{key} has changed since revision {revision}: read it again.")
        return self._write(key, value)

    async def erase(self, key: str) -> None:
        """Forget the value; the revision goes on counting."""
        self._write(key, None)

    async def listed(self, keys: str, after: int, limit: int) -> list[tuple[str, Entry]]:
        """Entries in the order of their revisions, from the one after `after` on."""
        found = [
            (key, entry)
            for key, entry in self._entries.items()
            if covers(keys, key) and entry.revision > after
        ]
        return sorted(found, key=lambda one: one[1].revision)[:limit]

    def _write(self, key: str, value: bytes | None) -> int:
        self._revision += 1
        self._entries[key] = Entry(value, self._revision)
        return self._revision
