"""Gives devices their codes. Where a code is taken, the next generation has another."""

from dataclasses import dataclass, replace

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent, Outcome
from services.activation.claims import CodeTaken
from services.activation.codes import Codes
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import IssueCode, NewCode, ReissueCode
from services.activation.domain.state import Activation
from services.activation.organizations import Lifetimes

MAX_SKIPPED = 10


@dataclass(frozen=True)
class Issuing:
    """Issues codes that are good as long as their organization has chosen."""

    commands: CommandHandler
    codes: Codes
    lifetimes: Lifetimes

    async def issue(
        self, cause: Cause, organization: str, device_id: str, device_version: int
    ) -> Outcome[Activation]:
        """Give a new or reactivated device its code. Raises `StoreUnavailable`."""
        new = await self._new(cause, organization, device_id)
        command = IssueCode(device_id, device_version, new)
        return await self._handle(cause, organization, command)

    async def reissue(
        self, cause: Cause, organization: str, device_id: str, if_version: int | None
    ) -> Outcome[Activation]:
        """Replace the code of a device. Raises `Refused`, `StoreUnavailable`."""
        command = ReissueCode(device_id, await self._new(cause, organization, device_id))
        return await self._handle(cause, organization, command, if_version)

    async def _new(self, cause: Cause, organization: str, device_id: str) -> NewCode:
        lifetime = await self.lifetimes.of(organization)
        return NewCode(self.codes.minting(device_id), cause.at + lifetime)

    async def _handle(
        self,
        cause: Cause,
        organization: str,
        command: IssueCode | ReissueCode,
        if_version: int | None = None,
    ) -> Outcome[Activation]:
        aggregate = activation_of(organization, command.device_id)
        for skip in range(MAX_SKIPPED):
            another = replace(command, new=replace(command.new, skip=skip))
            try:
                return await self.commands.handle(
                    cause, Intent(aggregate, activation, another, if_version)
                )
            except CodeTaken:
                continue
        raise CodeTaken("No free code was found. Check that the key file is the right one.")
