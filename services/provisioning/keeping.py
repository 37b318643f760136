"""Commands that bring a password: it is put away before an event names it, and only then."""

from dataclasses import dataclass

from pydantic import SecretStr

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.decider import Refused
from services.provisioning.domain.sip_account import (
    SealedSecret,
    SipAccount,
    SipAccountCommand,
)
from services.provisioning.safe import Safe


@dataclass(frozen=True)
class Keeping:
    """Nothing is put away for a command that a rule refuses."""

    commands: CommandHandler
    safe: Safe

    async def handle(
        self,
        cause: Cause,
        intent: Intent[SipAccountCommand, SipAccount | None],
        secret: SealedSecret,
        password: SecretStr | None,
    ) -> Outcome[SipAccount | None]:
        """Carry out a command; `secret` says where its password goes, if it brings one.

        Raises `Refused`, `StoreUnavailable`.
        """
        organization = intent.aggregate.organization
        if password is None or await self.commands.is_done(cause, intent):
            return await self.commands.handle(cause, intent)
        await self.safe.keep(organization, secret, password)
        try:
            return await self.commands.handle(cause, intent)
        except Refused:
            # Somebody came between. The place is this command's own: nothing else is lost.
            await self.safe.forget(organization, secret)
            raise
