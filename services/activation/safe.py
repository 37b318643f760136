"""Where SIP passwords come from: opened only while a document for their device is put together."""

from dataclasses import dataclass

from pydantic import SecretStr

from chassis.sealing import Opener, secret_context, secret_key
from chassis.vault import Vault
from services.activation.projections import SecretReference


@dataclass(frozen=True)
class Safe:
    """Gives passwords out. It has no way of putting any in."""

    vault: Vault
    opener: Opener

    async def open(self, organization: str, secret: SecretReference) -> SecretStr | None:
        """The password, None if it is not there yet. Raises `CannotOpen`, `StoreUnavailable`."""
        where = (organization, secret.secret_id, secret.version)
        entry = await self.vault.get(secret_key(*where))
        if entry.value is None:
            return None
        return SecretStr(self.opener.open(entry.value, secret_context(*where)))
