"""The port to what must be kept but must never stand in the log: sealed passwords and hashes."""

from dataclasses import dataclass
from typing import Protocol


class VaultConflict(Exception):
    """The entry is not what it was when it was read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept value and its revision (0: there is none)."""

    value: bytes | None = None
    revision: int = 0


class Vault(Protocol):
    """One bucket of a service, key to bytes. Keys are dot-separated tokens without names."""

    async def get(self, key: str) -> Entry:
        """The present entry. Raises `StoreUnavailable`."""
        ...

    async def put(self, key: str, value: bytes, *, revision: int | None = None) -> int:
        """Keep a value; with `revision` only if the entry still has it. Answers the new revision.

        Raises `VaultConflict`, `StoreUnavailable`.
        """
        ...

    async def erase(self, key: str) -> None:
        """Remove every trace of an entry."""
        ...

    async def listed(self, keys: str, after: int, limit: int) -> list[tuple[str, Entry]]:
        """Entries in the order of their revisions, from the one after `after` on, erased ones too.

        `keys` are tokens, of which `*` stands for any. Nothing means that there are no more.
        Raises `StoreUnavailable`.
        """
        ...
