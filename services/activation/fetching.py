"""An activated softphone fetches its configuration again, by its device token."""

from dataclasses import dataclass, replace

from chassis.answers import etag
from chassis.auth import Unauthenticated
from chassis.command_handler import CommandHandler, Intent
from chassis.edge import Edge
from schemas.activation import Format
from services.activation.claims import Holder, holder_of, token_claim
from services.activation.codes import Tokens
from services.activation.configurations import Configurations
from services.activation.documents import Configuration, SeatedDevice, blank
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import NoteFetch
from services.activation.domain.state import Activation


class TokenUnknown(Unauthenticated):
    """There never was such a device token, or it has been replaced."""

    def __init__(self) -> None:
        super().__init__("This device token is not valid. Activate the device with a new code.")


@dataclass(frozen=True, slots=True)
class Holding:
    """What the holder of a token may have: everything, or orders to forget everything."""

    organization: str
    device: SeatedDevice
    known: Activation
    fingerprint: str

    @property
    def trusted(self) -> bool:
        """Whether the device's passwords may be seen."""
        return self.known.holds(self.fingerprint) and self.device.active

    @property
    def replaced(self) -> bool:
        """Whether the device is in use, but with another token."""
        return not self.trusted and self.device.active

    @property
    def is_new(self) -> bool:
        """Whether the device itself asks, and has not had the present revision before."""
        return self.known.lacks(self.fingerprint, self.device.revision)

    @property
    def etag(self) -> str:
        """The revision; a blank configuration is told from the device's own.

        A removal counts as no revision: a device that has the last one must not keep it.
        """
        revision = self.device.revision
        return etag(revision) if self.trusted else f'"{revision}-blank"'


@dataclass(frozen=True, slots=True)
class Fetched:
    """A configuration and its tag; None if the softphone has it already."""

    configuration: Configuration | None
    etag: str


@dataclass(frozen=True)
class Fetching:
    """Answers softphones that have been activated before."""

    commands: CommandHandler
    tokens: Tokens
    configurations: Configurations

    async def holding(self, token: str) -> Holding:
        """What a token is good for. Raises `TokenUnknown`, `NotReadyYet`, `StoreUnavailable`."""
        fingerprints = self.tokens.fingerprints(token)
        for fingerprint in fingerprints:
            holder = await holder_of(self.commands.store, token_claim(fingerprint))
            if holder:
                return await self._holding(holder, fingerprint)
        raise TokenUnknown

    async def _holding(self, holder: Holder, fingerprint: str) -> Holding:
        aggregate = activation_of(holder.organization, holder.device_id)
        known = (await self.commands.look(aggregate, activation)).state
        device = await self.configurations.device(
            holder.organization, holder.device_id, known.device_version
        )
        return Holding(holder.organization, device, known, fingerprint)

    async def fetch(
        self, edge: Edge, holding: Holding, format_: Format, known_tag: str | None
    ) -> Fetched:
        """The configuration, blank for whoever is not trusted any more; the fetch is noted.

        Raises `NotReadyYet`, `CannotOpen`, `StoreUnavailable`.
        """
        if _has(known_tag, holding.etag):
            return Fetched(None, holding.etag)
        configuration = blank(holding.device)
        if holding.trusted:
            configuration = await self.configurations.of(holding.organization, holding.device)
        await self._note(edge, holding, format_)
        return Fetched(replace(configuration, known=not holding.is_new), holding.etag)

    async def _note(self, edge: Edge, holding: Holding, format_: Format) -> None:
        device = holding.device
        if not holding.is_new:
            return
        command = NoteFetch(
            device.id, holding.fingerprint, device.revision, format_, device.guest_changes
        )
        aggregate = activation_of(holding.organization, device.id)
        cause = replace(edge.cause, actor=f"device:{device.id}")
        await self.commands.handle(cause, Intent(aggregate, activation, command))


def _has(known_tag: str | None, tag: str) -> bool:
    known = known_tag.split(",") if known_tag else []
    return tag in {one.strip().removeprefix("W/") for one in known}
