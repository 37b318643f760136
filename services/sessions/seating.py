"""Hot desks: who may sit where, and whom a change of the desk sends away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.cause import Cause
from chassis.command_handler import CommandHandler, Intent, Outcome
from services.sessions.claims import CLOSED, Claims
from services.sessions.domain.aggregates import desk_of, session_of
from services.sessions.domain.desk import (
    ConfigureDesk,
    Desk,
    DeskInUse,
    Place,
    WithdrawDesk,
    desk,
    existing,
)
from services.sessions.domain.policy import after_hours
from services.sessions.domain.session import DeskTaken, session
from services.sessions.domain.session_commands import SignOut
from services.sessions.domain.session_state import Seat
from services.sessions.domain.user import User

TRIES = 5


@dataclass(frozen=True)
class Seating:
    """Finds seats, and takes desks away with whoever sits there."""

    commands: CommandHandler
    claims: Claims

    async def seat(
        self, organization: str, desk_id: str, guest: User, association_id: str, at: datetime
    ) -> Seat:
        """The seat of a guest who sits down now. Raises `Unknown`, `DeskTaken`."""
        found = await self.commands.look(desk_of(organization, desk_id), desk)
        chosen = existing(found.state)
        if not chosen.hot_desk:
            raise DeskTaken("This desk is not for guests. Choose a hot desk.")
        return Seat(
            association_id,
            desk_id,
            chosen.device_id,
            guest.profile.sip_account_ids,
            after_hours(at, chosen.max_hours),
        )

    async def desk_at(self, organization: str, device_id: str) -> str | None:
        """The desk at which a device stands."""
        (claim,) = await self.commands.store.claims(self.claims.device(organization, device_id))
        return claim.holder.rpartition("/")[2] if claim.holder else None

    async def guests(self, organization: str, desk_ids: Sequence[str]) -> dict[str, str]:
        """Who sits at these desks now: users by desk."""
        claims = [self.claims.desk(organization, desk_id) for desk_id in desk_ids]
        states = await self.commands.store.claims(*claims) if claims else ()
        return {
            desk_id: state.holder.split("/")[1]
            for desk_id, state in zip(desk_ids, states, strict=True)
            if state.holder not in (None, CLOSED)
        }

    async def configure(
        self, cause: Cause, organization: str, desk_id: str, wanted: Desk, if_version: int | None
    ) -> Outcome[Place | None]:
        """Set a desk up; where guests may sit no longer, the guest is signed out.

        Raises `DeskInUse`, `DeviceHasDesk`, `Unknown`.
        """
        guest = await self._guest(organization, desk_id)
        command = ConfigureDesk(desk_id, wanted, taken=guest is not None)
        intent = Intent(desk_of(organization, desk_id), desk, command, if_version)
        if wanted.hot_desk:
            return await self.commands.handle(cause, intent)
        return await self._without_guest(cause, organization, desk_id, intent)

    async def withdraw(
        self, cause: Cause, organization: str, desk_id: str, if_version: int | None
    ) -> Outcome[Place | None]:
        """Take a desk away. Its guest is signed out in the same step. Raises `Unknown`."""
        intent = Intent(desk_of(organization, desk_id), desk, WithdrawDesk(desk_id), if_version)
        return await self._without_guest(cause, organization, desk_id, intent)

    async def _without_guest(
        self,
        cause: Cause,
        organization: str,
        desk_id: str,
        intent: Intent[ConfigureDesk | WithdrawDesk, Place | None],
    ) -> Outcome[Place | None]:
        for _ in range(TRIES - 1):
            try:
                return await self._once(cause, organization, desk_id, intent)
            except DeskInUse:
                # Somebody sat down in the meantime.
                continue
        return await self._once(cause, organization, desk_id, intent)

    async def _once(
        self,
        cause: Cause,
        organization: str,
        desk_id: str,
        intent: Intent[ConfigureDesk | WithdrawDesk, Place | None],
    ) -> Outcome[Place | None]:
        guest = await self._guest(organization, desk_id)
        if guest is None:
            return await self.commands.handle(cause, intent)
        by = None if cause.actor.startswith("service:") else cause.actor
        sign_out = SignOut(guest, "desk_withdrawn", by)
        outcomes = await self.commands.handle_all(
            cause, Intent(session_of(organization, guest), session, sign_out), intent
        )
        outcome: Outcome[Place | None] = outcomes[1]
        return outcome

    async def _guest(self, organization: str, desk_id: str) -> str | None:
        """The session that sits at a desk."""
        (claim,) = await self.commands.store.claims(self.claims.desk(organization, desk_id))
        if claim.holder is None or claim.holder == CLOSED:
            return None
        return claim.holder.rpartition("/")[2]
