"""Provisioning on fakes: HTTP in front, its projector and its reactions behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import Principal
from chassis.event_store import Recorded
from chassis.keyring import Keyring
from chassis.reactions import RetryLater
from chassis.read_models import Checkpoint
from chassis.sealing import create_sealing_keys
from chassis.service import Runtime, Service
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.http import HttpFakes
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.tokens import ADMINISTRATOR
from chassis.testing.vault import MemoryVault
from chassis.vault import Vault
from chassis.workers.document_writer import DocumentWriter
from services.provisioning.app import build
from services.provisioning.settings import Settings

STREAM = "PROVISIONING"
Json = dict[str, Any]


@dataclass
class Clock:
    now: datetime = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass
class Buckets:
    """One vault per name."""

    vaults: dict[str, MemoryVault] = field(default_factory=dict)

    def __call__(self, name: str) -> Vault:
        return self.vaults.setdefault(name, MemoryVault())


@dataclass
class Scene:
    """Provisioning, and whoever is signed in."""

    service: Service
    store: MemoryEventStore
    read_models: MemoryReadModelStore
    vault: MemoryVault
    buckets: Buckets
    fakes: HttpFakes
    client: AsyncTestClient[Litestar]
    who: Principal = ADMINISTRATOR
    projected: int = 0
    reacted: int = 0
    erased: list[int] = field(default_factory=list)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = self.fakes.tokens.headers(self.who) | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=sent)

    async def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send it, let everything settle, and answer with the body."""
        answer = await self.send(method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        await self.settle()
        return answer.json() if answer.content else None

    async def project(self) -> None:
        events = self.log()
        fresh = [one for one in events if one.position.sequence > self.projected]
        if fresh:
            self.projected = fresh[-1].position.sequence
            writer = DocumentWriter(STREAM, self.service.projections, self.read_models)
            checkpoint = Checkpoint("provisioning", STREAM, "first", self.projected)
            await writer.write(fresh, checkpoint)

    async def settle(self) -> None:
        """Project and react until nothing more follows."""
        while True:
            await self.project()
            fresh = [one for one in self.log() if one.position.sequence > self.reacted]
            if not fresh:
                return
            await self.react(fresh[0])
            self.reacted = fresh[0].position.sequence

    async def react(self, recorded: Recorded) -> None:
        reaction = self.service.reactions.get(type(recorded.event))
        done = reaction is None
        while reaction and not done:
            try:
                await reaction(recorded)
                done = True
            except RetryLater:
                await self.project()

    def log(self) -> tuple[Recorded, ...]:
        return self.store.all()

    def events(self) -> list[str]:
        return [one.event.short_name for one in self.log()]

    async def provider(self, **more: Any) -> str:
        body = {"name": "Telecom", "sip_server": "sip.example.com", **more}
        return str((await self.done("POST", "/providers", body))["id"])

    async def account(self, provider: str | None = None, **more: Any) -> str:
        at = provider or await self.provider()
        body = {"friendly_name": "Desk", "username": "1001", "protocol": "udp", "password": "s"}
        body = {name: value for name, value in (body | more).items() if value is not ...}
        return str((await self.done("POST", f"/providers/{at}/sip-accounts", body))["id"])

    async def contact(self, first: str = "Ada", last: str = "Lovelace", **more: Any) -> str:
        emails = [{"address": f"{first}@example.com".lower(), "label": "work"}]
        body = {"first_name": first, "last_name": last, "emails": emails, **more}
        return str((await self.done("POST", "/contacts", body))["id"])

    async def device(self, accounts: list[str], contact: str | None = None, **more: Any) -> str:
        of = contact or await self.contact()
        body = {"name": "Laptop", "sip_account_ids": accounts, **more}
        return str((await self.done("POST", f"/contacts/{of}/devices", body))["id"])

    async def get(self, path: str) -> Any:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def revision(self, device: str) -> int:
        return int((await self.get(f"/devices/{device}"))["configuration_revision"])


@asynccontextmanager
async def scene(folder: Path, **settings: Any) -> AsyncIterator[Scene]:
    """A fresh installation."""
    create_sealing_keys(folder / "private.json", folder / "public.json")
    Keyring.create(folder / "keyring.json")
    clock = Clock()
    store, read_models = MemoryEventStore("provisioning", clock), MemoryReadModelStore()
    vault, buckets, fakes = MemoryVault(), Buckets(), HttpFakes(clock=clock)
    erased: list[int] = []

    async def erase(sequence: int) -> None:
        erased.append(sequence)
        store.lose(sequence)

    async def ask(subject: str, _body: bytes) -> bytes:
        raise AssertionError(f"provisioning asks nobody, but asked {subject}")

    runtime = Runtime(store, read_models, vault, ask, clock, bucket=buckets, erase=erase)
    chosen = Settings(
        sealing_keys=folder / "public.json", keyring=folder / "keyring.json", **settings
    )
    service = build(runtime, chosen)
    await read_models.open(*(one.model for one in service.projections))
    async with fakes.client(service) as client:
        yield Scene(service, store, read_models, vault, buckets, fakes, client, erased=erased)
