"""Gives devices their codes. Where a code is taken, the next generation has another."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent, Outcome
from services.activation.claims import CodeTaken
from services.activation.codes import Codes
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import IssueCode, NewCode, ReissueCode
from services.activation.domain.state import Activation

MAX_SKIPPED = 10


@dataclass(frozen=True)
class Issuing:
    """Issues codes that are good for `lifetime`."""

    commands: CommandHandler
    codes: Codes
    lifetime: timedelta

    async def issue(
        self, cause: Cause, organization: str, device_id: str, device_version: int
    ) -> Outcome[Activation]:
        """Give a new or reactivated device its code. Raises `StoreUnavailable`."""
        command = IssueCode(device_id, device_version, self._new(cause, device_id))
        return await self._handle(cause, organization, command)

    async def reissue(
        self, cause: Cause, organization: str, device_id: str, if_version: int | None
    ) -> Outcome[Activation]:
        """Replace the code of a device. Raises `Refused`, `StoreUnavailable`."""
        command = ReissueCode(device_id, self._new(cause, device_id))
        return await self._handle(cause, organization, command, if_version)

    def _new(self, cause: Cause, device_id: str) -> NewCode:
        return NewCode(self.codes.minting(device_id), cause.at + self.lifetime)

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
