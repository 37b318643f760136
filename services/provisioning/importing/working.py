"""Works imports through, a step at a time: whatever is repeated after a crash changes nothing."""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.cause import Cause, Clock, derived_id
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Refused
from chassis.event_store import Recorded
from chassis.reactions import caused_by
from schemas.imports import ImportRowApplied, RowProblem
from services.provisioning.domain.aggregates import (
    SERVICE,
    contact_of,
    device_of,
    import_of,
    import_row_of,
    sip_account_of,
)
from services.provisioning.domain.contact import AddContact, contact
from services.provisioning.domain.device import CreateDevice, device
from services.provisioning.domain.import_row import ApplyRow, ImportRow, RefuseRow, import_row
from services.provisioning.domain.imports import AdvanceImport, Import, file_import
from services.provisioning.domain.sip_account import (
    AddSipAccount,
    SealedSecret,
    sip_account,
)
from services.provisioning.importing.draft import AccountDraft, Draft
from services.provisioning.importing.staging import PART_ROWS, Staging
from services.provisioning.importing.undoing import Undoing
from services.provisioning.safe import Safe

BATCH_ROWS = 125
"""A row is up to five events, and counts one use of a provider, an account and a contact."""

AnyIntent = Intent[Any, Any]


@dataclass(frozen=True)
class Working:
    """Each step is the reaction to the fact that the one before is done."""

    commands: CommandHandler
    staging: Staging
    safe: Safe
    undoing: Undoing
    clock: Clock

    async def on_import_advanced(self, recorded: Recorded) -> None:
        """Take the next step. Raises `StoreUnavailable`, `RowsMissing`."""
        organization, import_id = recorded.envelope.organization, recorded.event.aggregate_id
        aggregate = import_of(organization, import_id)
        state = (await self.commands.look(aggregate, file_import)).state
        if state is None or state.phase not in ("running", "undoing"):
            return
        cause = caused_by(recorded, SERVICE, self.clock)
        end = min(state.done + PART_ROWS, state.rows)
        if state.phase == "running":
            await self._apply(cause, organization, import_id, state)
        else:
            await self.undoing.rows(cause, organization, import_id, state, end)
        await self.commands.handle(
            replace(cause, command_id=derived_id(import_id, state.phase, str(end))),
            Intent(aggregate, file_import, AdvanceImport(import_id, state.phase, end)),
        )

    async def _apply(self, cause: Cause, organization: str, import_id: str, state: Import) -> None:
        drafts = await self.staging.part(organization, import_id, state.done)
        known = await self._rows(organization, drafts)
        waiting = [draft for draft in drafts if known[draft.import_row_id] is None]
        for start in range(0, len(waiting), BATCH_ROWS):
            batch = waiting[start : start + BATCH_ROWS]
            for account in (draft.account for draft in batch if draft.account):
                await self._put_away(organization, account)
            try:
                await self._together(cause, organization, import_id, batch)
            except Refused:
                for draft in batch:
                    await self._alone(cause, organization, import_id, draft)
        await self._keep_refused(organization, import_id, state.done, drafts)

    async def _rows(
        self, organization: str, drafts: Sequence[Draft]
    ) -> dict[str, ImportRow | None]:
        rows = [import_row_of(organization, draft.import_row_id) for draft in drafts]
        histories: Sequence[Any] = await self.commands.store.load(*rows)
        return {one.aggregate.id: import_row.fold(one.events) for one in histories}

    async def _keep_refused(
        self, organization: str, import_id: str, first: int, drafts: Sequence[Draft]
    ) -> None:
        """Of rows that were applied, nothing waits any longer: they may be about somebody."""
        rows = await self._rows(organization, drafts)
        refused = {row_id for row_id, row in rows.items() if row and row.applied is None}
        await self.staging.strip(organization, import_id, first, refused)

    async def _put_away(self, organization: str, account: AccountDraft) -> None:
        if account.sealed and (secret := _secret(account)):
            await self.safe.put_away(organization, secret, b64decode(account.sealed))

    async def _forget(self, organization: str, draft: Draft) -> None:
        if draft.account and (secret := _secret(draft.account)):
            await self.safe.forget(organization, secret)

    async def _together(
        self, cause: Cause, organization: str, import_id: str, batch: Sequence[Draft]
    ) -> None:
        added: set[str] = set()
        intents = [
            intent
            for draft in batch
            for intent in _intents(organization, import_id, draft)
            if _first_time(added, intent)
        ]
        name = derived_id(import_id, "rows", batch[0].import_row_id, str(len(batch)))
        await self.commands.handle_all(replace(cause, command_id=name), *intents)

    async def _alone(self, cause: Cause, organization: str, import_id: str, draft: Draft) -> None:
        own = replace(cause, command_id=derived_id(import_id, "row", draft.import_row_id))
        try:
            await self.commands.handle_all(own, *_intents(organization, import_id, draft))
        except Refused as refusal:
            await self._forget(organization, draft)
            problem = RowProblem(column=_column(refusal), message=str(refusal)[:300])
            refused = draft.model_copy(update={"problems": (problem,)})
            await self.commands.handle_all(own, *_intents(organization, import_id, refused))


def _first_time(seen: set[str], intent: AnyIntent) -> bool:
    """Several rows may be about one contact; it is added once."""
    is_new = intent.aggregate.prefix not in seen
    seen.add(intent.aggregate.prefix)
    return is_new


def _column(refusal: Refused) -> str:
    return {"NoSuchProvider": "provider", "NoSuchContact": "last_name"}.get(
        type(refusal).__name__, "row"
    )


def _intents(organization: str, import_id: str, draft: Draft) -> Iterator[AnyIntent]:
    row = import_row_of(organization, draft.import_row_id)
    if draft.contact is None or draft.problems:
        refused = RefuseRow(draft.import_row_id, import_id, draft.row, draft.problems)
        yield Intent(row, import_row, refused)
        return
    person, account = draft.contact, draft.account
    if not person.known:
        add = AddContact(
            person.contact_id,
            person.first_name,
            person.last_name,
            person.emails,
            person.language,
        )
        yield Intent(contact_of(organization, person.contact_id), contact, add)
    if account:
        yield _account(organization, account)
    if draft.device_id and account:
        create = CreateDevice(
            device_id=draft.device_id,
            contact_id=person.contact_id,
            contact_exists=True,
            name=draft.device_name or "",
            sip_account_ids=(account.sip_account_id,),
        )
        yield Intent(device_of(organization, draft.device_id), device, create)
    applied = ImportRowApplied(
        import_row_id=draft.import_row_id,
        import_id=import_id,
        row=draft.row,
        contact_id=person.contact_id,
        contact_added=person.added_here,
        sip_account_id=account.sip_account_id if account else None,
        device_id=draft.device_id if account else None,
    )
    yield Intent(row, import_row, ApplyRow(applied))


def _secret(account: AccountDraft) -> SealedSecret | None:
    return SealedSecret(account.sip_account_id, 1, account.key_id) if account.sealed else None


def _account(organization: str, account: AccountDraft) -> AnyIntent:
    add = AddSipAccount(
        sip_account_id=account.sip_account_id,
        provider_id=account.provider_id,
        provider_exists=True,
        friendly_name=account.friendly_name,
        username=account.username,
        protocol=account.protocol,
        secret=_secret(account),
        password_entered_on_device=account.password_entered_on_device,
        authorization_username=account.authorization_username,
        display_name=account.display_name,
    )
    return Intent(sip_account_of(organization, account.sip_account_id), sip_account, add)
