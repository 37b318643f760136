"""Removes what an import made, last row first, but for what is needed elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from chassis.cause import Cause, derived_id
from chassis.command_handler import CommandHandler, Intent
from chassis.uses import StillInUse
from schemas.imports import ImportRowApplied
from services.provisioning.domain.aggregates import (
    contact_of,
    device_of,
    import_row_of,
    sip_account_of,
)
from services.provisioning.domain.contact import RemoveContact, contact
from services.provisioning.domain.device import RemoveDevice, device
from services.provisioning.domain.import_row import Kept, UndoRow, import_row
from services.provisioning.domain.imports import Import
from services.provisioning.domain.sip_account import RemoveSipAccount, sip_account

_TRIES: tuple[tuple[Kept, ...], ...] = (
    (),
    ("contact",),
    ("sip_account",),
    ("contact", "sip_account"),
)
"""What is kept, the least first."""


@dataclass(frozen=True)
class Undoing:
    """Compensates rows one by one: each either as a whole or not yet."""

    commands: CommandHandler

    async def rows(
        self, cause: Cause, organization: str, import_id: str, state: Import, end: int
    ) -> None:
        """Undo rows, counted from the last: `state.done` to `end`. Raises `StoreUnavailable`."""
        for place in range(state.done, end):
            row_id = derived_id(import_id, "row", str(state.rows - place))
            row = (await self.commands.look(import_row_of(organization, row_id), import_row)).state
            if row and row.applied and not row.undone:
                own = replace(cause, command_id=derived_id(row_id, "undo"))
                await self._undo(own, organization, row.applied)

    async def _undo(self, cause: Cause, organization: str, made: ImportRowApplied) -> None:
        for kept in _TRIES:
            intents = list(_intents(organization, made, kept))
            try:
                await self.commands.handle_all(cause, *intents)
            except StillInUse:
                continue
            return


def _intents(
    organization: str, made: ImportRowApplied, kept: tuple[Kept, ...]
) -> Iterator[Intent[Any, Any]]:
    if made.device_id:
        here = device_of(organization, made.device_id)
        yield Intent(here, device, RemoveDevice(made.device_id))
    if made.sip_account_id and "sip_account" not in kept:
        here = sip_account_of(organization, made.sip_account_id)
        yield Intent(here, sip_account, RemoveSipAccount(made.sip_account_id))
    if made.contact_added and "contact" not in kept:
        here = contact_of(organization, made.contact_id)
        yield Intent(here, contact, RemoveContact(made.contact_id))
    row = import_row_of(organization, made.import_row_id)
    yield Intent(row, import_row, UndoRow(kept))
