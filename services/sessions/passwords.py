"""Passwords of users: argon2id off the event loop, two at a time, hashes kept beside the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from chassis.decider import Refused
from chassis.vault import Vault
from services.sessions.domain.password import canonical

AT_ONCE = 2
COMMON = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
"""The 8 400 passwords of eight characters and more that people choose most, in lower case.

Whose list it is, and its licence: `common_passwords.LICENSE`.
"""


HASHES = "*.user.*.*"
"""The keys of all hashes."""


def owner_of(key: str) -> tuple[str, str, int]:
    """Organization, user and version of the hash under a key."""
    organization, _, user_id, version = key.split(".")
    return organization, user_id, int(version)


def _key(organization: str, user_id: str, version: int) -> str:
    return f"{organization}.user.{user_id}.{version}"


@dataclass(frozen=True)
class Passwords:
    """Hashes and checks passwords. An unknown user costs as much time as a wrong password.

    A hash that was made at another cost is made anew when its password is given.
    """

    vault: Vault
    memory_kib: int
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _nobodys: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Made before anybody asks: the first unknown user would wait for it, and so be told apart.
        object.__setattr__(self, "_nobodys", self.hasher.hash("nobody has this password"))

    async def keep(self, organization: str, user_id: str, version: int, password: str) -> None:
        """Hash a password and put the hash away. Raises `StoreUnavailable`."""
        async with self._slots:
            hashed = await asyncio.to_thread(self.hasher.hash, canonical(password))
        await self.vault.put(_key(organization, user_id, version), hashed.encode())

    @asynccontextmanager
    async def kept(
        self, organization: str, user_id: str, password: str, version: int = 1
    ) -> AsyncIterator[None]:
        """Keep the first password of a user whom the block registers, or nothing if it is refused.

        Raises `StoreUnavailable`.
        """
        await self.keep(organization, user_id, version, password)
        try:
            yield
        except Refused:
            await self.forget(organization, user_id, version)
            raise

    async def forget(self, organization: str, user_id: str, *versions: int) -> None:
        """Put hashes out of reach that nobody signs in with. Raises `StoreUnavailable`."""
        for version in versions:
            await self.vault.erase(_key(organization, user_id, version))

    async def check(self, user: tuple[str, str, int] | None, password: str) -> bool:
        """Whether this is the password of the user (organization, id, credential version)."""
        entry = await self.vault.get(_key(*(user or ("_", "_", 0))))
        async with self._slots:
            known = entry.value.decode() if user and entry.value else None
            right = await asyncio.to_thread(self._verify, known or self._nobodys, password)
        if not right or user is None or known is None:
            return False
        if self.hasher.check_needs_rehash(known):
            await self.keep(*user, password)
        return True

    @cached_property
    def hasher(self) -> PasswordHasher:
        """Argon2id; hashes made with other parameters can still be checked."""
        return PasswordHasher(time_cost=2, memory_cost=self.memory_kib, parallelism=1, type=Type.ID)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self.hasher.verify(hashed, canonical(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
