"""What the vault need not keep any more: replaced passwords, tokens of sessions that are over."""

from dataclasses import dataclass

from chassis.event_store import Recorded
from services.sessions.passwords import Passwords
from services.sessions.tokens import RefreshTokens


@dataclass(frozen=True)
class Forgetting:
    """Erases hashes after the fact that made them useless; each may be told more than once."""

    passwords: Passwords
    refresh_tokens: RefreshTokens

    async def on_user_password_changed(self, recorded: Recorded) -> None:
        """The password before counts no more. Raises `StoreUnavailable`."""
        organization, user_id = recorded.envelope.organization, recorded.event.aggregate_id
        version = recorded.envelope.data["credential_version"]
        await self.passwords.forget(organization, user_id, version - 1)

    async def on_agent_signed_out(self, recorded: Recorded) -> None:
        """Nobody refreshes a session that is over. Raises `StoreUnavailable`."""
        organization, session_id = recorded.envelope.organization, recorded.event.aggregate_id
        await self.refresh_tokens.forget(organization, session_id)
