"""Checks a file against the organization, and has it worked through."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.edge import Edge
from chassis.read_models import Bounds, ReadModelStore
from services.provisioning.domain.aggregates import import_of
from services.provisioning.domain.imports import Import, StartImport, file_import
from services.provisioning.importing.checking import Checking, Person, Surroundings, person_of
from services.provisioning.importing.draft import Draft
from services.provisioning.importing.file import Line, read
from services.provisioning.importing.staging import Staging
from services.provisioning.projections import CONTACTS, PROVIDERS
from services.provisioning.removing import every
from services.provisioning.safe import Safe

LOOKED_UP_AT_ONCE = 50


@dataclass(frozen=True)
class Starting:
    """The edge of imports: what comes in leaves checked, sealed and put away."""

    commands: CommandHandler
    read_models: ReadModelStore
    staging: Staging
    safe: Safe

    async def check(self, edge: Edge, content: bytes) -> list[Draft]:
        """What each row would make. Raises `Invalid`, `ReadModelsUnavailable`."""
        lines = await asyncio.to_thread(read, content)
        around = await self._surroundings(edge.organization, lines)
        checking = Checking(edge.resource_id, edge.cause.at, around, self.safe)
        return await asyncio.to_thread(checking.drafts, lines)

    async def start(self, edge: Edge, content: bytes) -> Outcome[Import | None]:
        """Put the rows away, then say so. Raises `Invalid`, `StoreUnavailable`."""
        drafts = await self.check(edge, content)
        command = StartImport(edge.resource_id, len(drafts))
        intent = Intent(import_of(edge.organization, edge.resource_id), file_import, command)
        # A repeat would bring back rows that have been worked through and forgotten.
        if not await self.commands.is_done(edge.cause, intent):
            await self.staging.keep(edge.organization, edge.resource_id, drafts)
        return await self.commands.handle(edge.cause, intent)

    async def _surroundings(self, organization: str, lines: Sequence[Line]) -> Surroundings:
        providers: dict[str, list[str]] = {}
        default = None
        async for view in every(self.read_models, PROVIDERS, organization, "by_name", Bounds()):
            providers.setdefault(view.name, []).append(view.id)
            default = view.id if view.provider.is_default else default
        contacts = await self._contacts(organization, lines)
        return Surroundings(organization, providers, default, contacts)

    async def _contacts(self, organization: str, lines: Iterable[Line]) -> Mapping[Person, str]:
        names = {
            person_of(line.cells.get("first_name", ""), line.cells.get("last_name", ""), "")[0]
            for line in lines
        }
        found: dict[Person, str] = {}
        ordered = sorted(names)
        for start in range(0, len(ordered), LOOKED_UP_AT_ONCE):
            part = ordered[start : start + LOOKED_UP_AT_ONCE]
            for known in await asyncio.gather(*(self._called(organization, one) for one in part)):
                found.update(known)
        return found

    async def _called(self, organization: str, name: str) -> dict[Person, str]:
        bounds = Bounds(equals=(name,))
        return {
            (name, email.address.casefold()): view.id
            async for view in every(self.read_models, CONTACTS, organization, "by_name", bounds)
            for email in view.contact.emails
        }
