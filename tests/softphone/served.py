"""Activation over real HTTP, and provisioning as far as activation sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chassis.keyring import Keyring
from chassis.observing.health import Health
from chassis.sealing import Sealer, create_sealing_keys, secret_context, secret_key
from chassis.service import Runtime, Service
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.http import HttpFakes
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.tokens import ADMINISTRATOR
from chassis.testing.vault import MemoryVault
from chassis.web.server import serving
from schemas.event import Event
from schemas.provisioning import (
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    ServiceProviderAdded,
    SipAccountAdded,
    SipAccountSecretSet,
    SipProxy,
)
from services.activation.app import build
from services.activation.settings import Settings
from tests.patient import http_to

DEVICE = "d1"


@dataclass
class Served:
    """One device, whose configuration is served at `url`."""

    service: Service
    read_models: MemoryReadModelStore
    vault: MemoryVault
    sealer: Sealer
    fakes: HttpFakes
    url: str = ""
    log: ForeignLog = field(default_factory=ForeignLog)
    revision: int = 1

    async def happens(self, *events: Event, followed: bool = True) -> None:
        """Provisioning publishes this; it is `followed` by reactions."""
        recorded = self.log.record(*events)
        await project(self.service.projections, self.read_models, recorded)
        for one in recorded if followed else ():
            if reaction := self.service.reactions.get(type(one.event)):
                await reaction(one)

    async def provider(
        self, server: str, port: int, proxy: SipProxy | None = None, realm: str | None = None
    ) -> None:
        await self.happens(
            ServiceProviderAdded(
                provider_id="p1",
                name="Phones",
                sip_server=server,
                sip_port=port,
                sip_proxy=proxy,
                realm=realm,
            )
        )

    async def account(
        self,
        username: str,
        password: str | None,
        *,
        transport: str = "udp",
        login: str | None = None,
        display_name: str | None = None,
    ) -> None:
        """An account with the id of its username; without a password its user types it."""
        added = {
            "sip_account_id": username,
            "provider_id": "p1",
            "friendly_name": username,
            "username": username,
            "protocol": transport,
            "authorization_username": login,
            "display_name": display_name,
            "password_entered_on_device": password is None,
        }
        await self.happens(SipAccountAdded.model_validate(added))
        if password is not None:
            sealed = self.sealer.seal(password, secret_context("acme", username, 1))
            await self.vault.put(secret_key("acme", username, 1), sealed)
            secret = SipAccountSecretSet(
                sip_account_id=username, secret_id=username, secret_version=1, key_id="k1"
            )
            await self.happens(secret)

    async def device(self, *usernames: str) -> None:
        """The device gets these accounts, and a new revision if it was there before."""
        await self.happens(
            DeviceCreated(
                device_id=DEVICE, contact_id="c1", name="Desk", sip_account_ids=usernames
            ),
            DeviceConfigurationChanged(device_id=DEVICE, revision=self.revision, cause="test"),
            followed=self.revision == 1,
        )
        self.revision += 1

    async def deactivated(self) -> None:
        """The device is lost."""
        await self.happens(
            DeviceDeactivated(device_id=DEVICE, reason="lost"),
            DeviceConfigurationChanged(device_id=DEVICE, revision=self.revision, cause="test"),
        )

    async def provisioning_url(self) -> str:
        async with http_to(self.url) as http:
            headers = self.fakes.tokens.headers(ADMINISTRATOR)
            answer = await http.get(f"/api/v1/activations/{DEVICE}", headers=headers)
        return str(answer.json()["provisioning_url"])


@asynccontextmanager
async def served(folder: Path, port: int) -> AsyncIterator[Served]:
    """Serve until the block ends, on this port of 127.0.0.1."""
    url = f"http://127.0.0.1:{port}"
    Keyring.create(folder / "keyring.json")
    create_sealing_keys(folder / "private.json", folder / "public.json")
    settings = Settings(
        keyring=folder / "keyring.json", opening_keys=folder / "private.json", public_url=url
    )
    read_models, vault = MemoryReadModelStore(), MemoryVault()
    runtime = Runtime(MemoryEventStore("activation"), read_models, vault, _asks_nobody)
    service = build(runtime, settings)
    await read_models.open(*(projection.model for projection in service.projections))
    fakes = HttpFakes()
    async with serving(fakes.app(service), health=Health(), port=port):
        sealer = Sealer.load(folder / "public.json")
        yield Served(service, read_models, vault, sealer, fakes, url)


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"activation asked {subject}")
