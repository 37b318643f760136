"""A softphone exchanges its code for a device token and its configuration."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog

from chassis.addresses import source_of
from chassis.command_handler import CommandHandler, Intent
from chassis.edge import Edge
from schemas.activation import Client, Format
from services.activation.allowance import Allowance, AllowanceUsedUp
from services.activation.budget import Budget
from services.activation.claims import NOBODY, Holder, code_claim, holder_of
from services.activation.codes import Codes, Tokens
from services.activation.configurations import Configurations
from services.activation.documents import Configuration
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.code import ALPHABET, LENGTH, typed
from services.activation.domain.commands import Activate, NoteTry
from services.activation.domain.softphones import CodeNotAccepted

REFUSED_AFTER_SECONDS = 0.05

_log = structlog.get_logger(__name__)

_UNTYPABLE = ALPHABET[0] * LENGTH


@dataclass(frozen=True, slots=True)
class Caller:
    """The softphone, and where it asks from. `installations` are its keyed hashes, newest first."""

    address: str
    installations: tuple[str, ...]
    client: Client
    format: Format


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What the softphone gets, once."""

    token: str
    configuration: Configuration


@dataclass(frozen=True)
class Exchange:
    """Looks codes up and exchanges them. An unknown code costs the same work as a dead one."""

    commands: CommandHandler
    codes: Codes
    tokens: Tokens
    configurations: Configurations
    budget: Budget
    noted: Allowance
    _noting: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)

    async def exchange(self, edge: Edge, text: str, caller: Caller) -> Exchanged:
        """Exchange what somebody typed or scanned.

        Raises `CodeNotAccepted`, `TooManyTries`, `NotReadyYet`, `StoreUnavailable`.
        """
        async with self._counted(caller.address):
            holder = await self._holder(text)
            try:
                return await self._exchange(edge, holder, caller)
            except CodeNotAccepted:
                self._note_in_background(edge, holder, caller.address)
                raise

    async def _holder(self, text: str) -> Holder:
        code = typed(text)
        fingerprints = self.codes.fingerprints(code or _UNTYPABLE)
        found = await holder_of(self.commands.store, *map(code_claim, fingerprints))
        return found if found and code else NOBODY

    async def _exchange(self, edge: Edge, holder: Holder, caller: Caller) -> Exchanged:
        aggregate = activation_of(holder.organization, holder.device_id)
        known = (await self.commands.look(aggregate, activation)).state
        installation = known.recognised(caller.installations)
        if not known.exchangeable(holder.generation, installation, edge.cause.at):
            raise CodeNotAccepted
        device = await self.configurations.device(
            holder.organization, holder.device_id, known.device_version
        )
        if not device.active:
            raise CodeNotAccepted
        configuration = await self.configurations.of(holder.organization, device)
        token = self.tokens.new()
        command = Activate(
            device_id=device.id,
            generation=holder.generation,
            token_fingerprint=self.tokens.fingerprint(token),
            installation_fingerprint=installation,
            client=caller.client,
            format=caller.format,
            revision=device.revision,
            at=edge.cause.at,
            guest_changes=device.guest_changes,
        )
        cause = replace(edge.cause, actor=f"device:{device.id}")
        await self.commands.handle(cause, Intent(aggregate, activation, command))
        return Exchanged(token, configuration)

    def _note_in_background(self, edge: Edge, holder: Holder, address: str) -> None:
        """Administrators see who tries codes of theirs; the codes of nobody are only counted."""
        if holder == NOBODY:
            return
        # Waited for, a slow log would tell by the time of the answer that the code was a real one.
        noting = asyncio.create_task(self._note_try(edge, holder, address))
        self._noting.add(noting)
        noting.add_done_callback(self._noted)

    def _noted(self, noting: "asyncio.Task[None]") -> None:
        self._noting.discard(noting)
        if not noting.cancelled() and (error := noting.exception()):
            _log.warning("try_not_noted", kind=type(error).__name__)

    async def _note_try(self, edge: Edge, holder: Holder, address: str) -> None:
        source = self.tokens.source(source_of(address))
        command = NoteTry(holder.device_id, holder.generation, source, edge.cause.at)
        aggregate = activation_of(holder.organization, holder.device_id)
        # Whoever has many dead codes of an organization cannot fill its log with them.
        with suppress(AllowanceUsedUp):
            await self.noted.spend(holder.organization)
            await self.commands.handle(edge.cause, Intent(aggregate, activation, command))

    @asynccontextmanager
    async def _counted(self, address: str) -> AsyncIterator[None]:
        """Count a wrong code, and let no answer tell by its time how wrong it was."""
        spent = await self.budget.spend(address)
        clock = asyncio.get_running_loop().time
        earliest = clock() + REFUSED_AFTER_SECONDS
        try:
            yield
        except CodeNotAccepted:
            await self.budget.keep(spent)
            await asyncio.sleep(max(0.0, earliest - clock()))
            if spent.spare:
                raise self.budget.used_up() from None
            raise
        except BaseException:
            await self.budget.give_back(spent)
            raise
        await self.budget.give_back(spent)
