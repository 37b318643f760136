"""Where SIP passwords go: sealed for activation and put away, before any event names them."""

from dataclasses import dataclass

from pydantic import SecretStr

from chassis.sealing import Sealer, secret_context, secret_key
from chassis.vault import Vault
from schemas.fields import without_control_characters, without_invisible_characters
from services.provisioning.domain.sip_account import SealedSecret


def sendable(password: SecretStr) -> SecretStr:
    """A password that every softphone's file can hold. Raises ValueError, without repeating it."""
    without_invisible_characters(without_control_characters(password.get_secret_value()))
    return password


@dataclass(frozen=True)
class Safe:
    """Takes passwords in. It has no way of reading them back."""

    vault: Vault
    sealer: Sealer

    def place(self, secret_id: str, version: int) -> SealedSecret:
        """Where a password sealed today will be found."""
        return SealedSecret(secret_id, version, self.sealer.key_id)

    async def keep(self, organization: str, secret: SealedSecret, password: SecretStr) -> None:
        """Seal a password and put it away. Raises `StoreUnavailable`."""
        await self.put_away(organization, secret, self.seal(organization, secret, password))

    def seal(self, organization: str, secret: SealedSecret, password: SecretStr) -> bytes:
        """A password as only activation can read it."""
        context = secret_context(organization, secret.secret_id, secret.version)
        return self.sealer.seal(password.get_secret_value(), context)

    async def put_away(self, organization: str, secret: SealedSecret, sealed: bytes) -> None:
        """Keep what was sealed before. Raises `StoreUnavailable`."""
        await self.vault.put(secret_key(organization, secret.secret_id, secret.version), sealed)

    async def forget(self, organization: str, secret: SealedSecret) -> None:
        """Make a password unreadable for everybody. Raises `StoreUnavailable`."""
        await self.vault.erase(secret_key(organization, secret.secret_id, secret.version))
