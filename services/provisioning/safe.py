"""Where SIP passwords go: sealed for activation and put away, before any event names them."""

from dataclasses import dataclass

from pydantic import SecretStr

from chassis.sealing import Sealer, secret_context, secret_key
from chassis.vault import Vault
from services.provisioning.domain.sip_account import SealedSecret


@dataclass(frozen=True)
class Safe:
    """Takes passwords in. It has no way of reading them back."""

    vault: Vault
    sealer: Sealer

    async def keep(
        self, organization: str, sip_account_id: str, version: int, password: SecretStr
    ) -> SealedSecret:
        """Seal a password and put it away. Raises `StoreUnavailable`."""
        context = secret_context(organization, sip_account_id, version)
        sealed = self.sealer.seal(password.get_secret_value(), context)
        await self.vault.put(secret_key(organization, sip_account_id, version), sealed)
        return SealedSecret(sip_account_id, version, self.sealer.key_id)
