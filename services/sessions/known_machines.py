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
        """Whether the user has signed in there. Raises `StoreUnavailable`."""
        return (await self.vault.get(self._key(login_id, machine_id))).value is not None

    async def remember(self, login_id: str, machine_id: str) -> None:
        """The user has signed in there. Raises `StoreUnavailable`."""
        await self.vault.put(self._key(login_id, machine_id), _SEEN)

    async def forget(self, login_id: str) -> None:
        """No machine is known any more: it was another password. Raises `StoreUnavailable`."""
        after = 0
        while found := await self.vault.listed(f"{self._all(login_id)}.*", after, AT_ONCE):
            for key, entry in found:
                if entry.value is not None:
                    await self.vault.erase(key)
                after = entry.revision

    def _key(self, login_id: str, machine_id: str) -> str:
        digest = self.keyring.fingerprint("known-machine", login_id, machine_id)
        return f"{self._all(login_id)}.{digest}"

    def _all(self, login_id: str) -> str:
        return f"machine.{self.keyring.fingerprint('known-machines-of', login_id)}"
