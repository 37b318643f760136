"""On which machines a user has given the right password before."""

from dataclasses import dataclass

from chassis.keyring import Keyring
from chassis.vault import Vault

AT_ONCE = 100
_SEEN = b"1"


@dataclass(frozen=True)
class KnownMachines:
    """Remembers machines by keyed hash, for user ids as typed: no look-up tells who exists."""

    vault: Vault
    keyring: Keyring

    async def knows(self, login_id: str, machine_id: str) -> bool:
        """Whether the user has signed in there, under any key. Raises `StoreUnavailable`."""
        for key_id in self.keyring.key_ids:
            if (await self.vault.get(self._key(login_id, machine_id, key_id))).value is not None:
                return True
        return False

    async def remember(self, login_id: str, machine_id: str) -> None:
        """The user has signed in there. Raises `StoreUnavailable`."""
        key = self._key(login_id, machine_id, self.keyring.current)
        await self.vault.put(key, _SEEN)

    async def forget(self, login_id: str) -> None:
        """No machine is known any more: it was another password. Raises `StoreUnavailable`."""
        for key_id in self.keyring.key_ids:
            await self._erase_all(f"{self._all(login_id, key_id)}.*")

    async def _erase_all(self, keys: str) -> None:
        after = 0
        while found := await self.vault.listed(keys, after, AT_ONCE):
            for key, entry in found:
                if entry.value is not None:
                    await self.vault.erase(key)
                after = entry.revision

    def _key(self, login_id: str, machine_id: str, key_id: str) -> str:
        names = ("known-machine", login_id, machine_id)
        digest = self.keyring.fingerprint(*names, key_id=key_id)
        return f"{self._all(login_id, key_id)}.{digest}"

    def _all(self, login_id: str, key_id: str) -> str:
        return f"machine.{self.keyring.fingerprint('known-machines-of', login_id, key_id=key_id)}"
