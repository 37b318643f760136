"""What the vault need not keep any more: replaced passwords, tokens of sessions that are over."""

from dataclasses import dataclass

from chassis.command_handler import CommandHandler
from chassis.event_store import Recorded
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.user import user
from services.sessions.known_machines import KnownMachines
from services.sessions.passwords import Passwords
from services.sessions.tokens import RefreshTokens


@dataclass(frozen=True)
class Forgetting:
    """Erases hashes after the fact that made them useless; each may be told more than once."""

    commands: CommandHandler
    known_machines: KnownMachines
    passwords: Passwords
    refresh_tokens: RefreshTokens

    async def on_user_password_changed(self, recorded: Recorded) -> None:
        """The password before counts no more, nor where it was given. Raises `StoreUnavailable`.

        Whoever knew it could have made many machines known, each with tries of its own.
        """
        organization, user_id = recorded.envelope.organization, recorded.event.aggregate_id
        version = recorded.envelope.data["credential_version"]
        await self.passwords.forget(organization, user_id, version - 1)
        known = (await self.commands.look(user_of(organization, user_id), user)).state
        if known is not None:
            await self.known_machines.forget(known.login_id)

    async def on_agent_signed_out(self, recorded: Recorded) -> None:
        """Nobody refreshes a session that is over. Raises `StoreUnavailable`."""
        organization, session_id = recorded.envelope.organization, recorded.event.aggregate_id
        await self.refresh_tokens.forget(organization, session_id)
