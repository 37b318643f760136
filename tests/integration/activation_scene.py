"""Activation on fakes, and provisioning as far as activation sees it."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import Principal
from chassis.counters import Counters, LocalCounters
from chassis.event_store import Aggregate, History, Recorded
from chassis.keyring import Keyring
from chassis.sealing import Sealer, create_sealing_keys, secret_context, secret_key
from chassis.service import Runtime, Service
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.http import BASE_URL, HttpFakes
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.tokens import ADMINISTRATOR
from chassis.testing.vault import MemoryVault
from schemas.event import Event
from schemas.provisioning import (
    ContactAdded,
    DeviceConfigurationChanged,
    DeviceCreated,
    Email,
    ServiceProviderAdded,
    SipAccountAdded,
    SipAccountSecretSet,
)
from schemas.questions import CODE_SUBJECT
from schemas.sessions import DeskAssociated, DeskReleased
from services.activation import configurations
from services.activation.app import build
from services.activation.codes import Codes
from services.activation.projections import projections
from services.activation.settings import Settings

PASSWORD = "correct-horse-battery-staple"
WORK, HOME = "ada@example.com", "ada@home.example"
ACTIVATION = "/api/v1/activations/d1"
STRANGER = Principal("eve", "other", "administrator", "session-of-eve")
BLANK = [{"slot": slot, "enabled": False} for slot in (1, 2, 3, 4)]

PROVIDER = ServiceProviderAdded(
    provider_id="p1", name="Phones", sip_server="sip.example.com", sip_port=5060
)
ACCOUNT = SipAccountAdded(
    sip_account_id="a1",
    provider_id="p1",
    friendly_name="Sales",
    username="1001",
    protocol="udp",
)
SECRET = SipAccountSecretSet(sip_account_id="a1", secret_id="a1", secret_version=1, key_id="k1")
CONTACT = ContactAdded(
    contact_id="c1",
    first_name="Ada",
    last_name="Byron",
    emails=(
        Email(email_id="e-home", address=HOME, label="home"),
        Email(email_id="e-work", address=WORK, label="work"),
    ),
    language="de",
)
CREATED = DeviceCreated(device_id="d1", contact_id="c1", name="Desk", sip_account_ids=("a1",))


def sits_down(association_id: str, *sip_account_ids: str) -> DeskAssociated:
    """A guest comes to the desk of device d1."""
    return DeskAssociated(
        session_id="s1",
        user_id="u1",
        association_id=association_id,
        desk_id="k1",
        device_id="d1",
        sip_account_ids=sip_account_ids,
    )


def leaves(association_id: str) -> DeskReleased:
    """The guest leaves it."""
    return DeskReleased(
        session_id="s1",
        user_id="u1",
        association_id=association_id,
        desk_id="k1",
        device_id="d1",
        reason="user",
    )


def revision(number: int) -> DeviceConfigurationChanged:
    return DeviceConfigurationChanged(device_id="d1", revision=number, cause="test")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class KeptLog:
    """The log of another service, to be read as of a moment."""

    kept: list[Recorded] = field(default_factory=list)

    def keep(self, recorded: Sequence[Recorded]) -> None:
        self.kept += recorded

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        return tuple(History(one, tuple(self._of(one, until))) for one in aggregates)

    def _of(self, aggregate: Aggregate, until: datetime | None) -> Iterator[Recorded]:
        for recorded in self.kept:
            envelope = recorded.envelope
            here = envelope.subject == f"{aggregate.kind}/{aggregate.id}"
            own = envelope.organization == aggregate.organization
            if here and own and (until is None or envelope.time <= until):
                yield recorded


@dataclass
class Installation:
    """Activation on fakes, and provisioning as far as activation sees it."""

    service: Service
    store: MemoryEventStore
    read_models: MemoryReadModelStore
    fakes: HttpFakes
    clock: Clock
    client: AsyncTestClient[Litestar]
    codes: Codes
    log: ForeignLog
    past: KeptLog
    sessions: ForeignLog
    keyring: Path
    rebuilt: Callable[[], Service]

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator["Installation"]:
        """The same installation after its service was started anew."""
        service = self.rebuilt()
        async with self.fakes.client(service) as client:
            codes = Codes(Keyring.load(self.keyring))
            yield replace(self, service=service, client=client, codes=codes)

    async def at_the_desk(self, *events: Event) -> None:
        """Sessions publishes this, and its projector sees it."""
        recorded = self.sessions.record(*events)
        await project(self.service.projections, self.read_models, recorded)

    async def happens(self, *events: Event, seen: bool = True, followed: bool = True) -> None:
        """Provisioning publishes this; it is `seen` by the projector, `followed` by reactions."""
        recorded = self.log.record(*events)
        self.past.keep(recorded)
        if seen:
            await project(self.service.projections, self.read_models, recorded)
        for one in recorded:
            reaction = self.service.reactions.get(type(one.event))
            if followed and reaction:
                await reaction(one)

    async def get(self, path: str, who: Principal = ADMINISTRATOR) -> Response:
        return await self.client.get(path, headers=self.fakes.tokens.headers(who))

    async def post(self, path: str, body: Any = None, who: Principal = ADMINISTRATOR) -> Response:
        headers = self.fakes.tokens.headers(who)
        return await self.client.post(path, json=body, headers=headers)

    async def code(self) -> str:
        return str((await self.get(ACTIVATION)).json()["code"])

    async def activate(self, code: str, installation: str = "phone", **body: Any) -> Response:
        content = {"code": code, "installation_id": installation, **body}
        return await self.client.post("/api/v1/activate", json=content)

    @asynccontextmanager
    async def calling_from(self, address: str) -> AsyncIterator[AsyncClient]:
        """A softphone with an address of its own."""
        transport = ASGITransport(self.client.app, client=(address, 1), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield client

    async def activate_from(self, address: str, code: str) -> Response:
        async with self.calling_from(address) as client:
            body = {"code": code, "installation_id": address}
            return await client.post("/api/v1/activate", json=body)

    async def token(self) -> str:
        return str((await self.activate(await self.code())).json()["device_token"])

    async def fetch(self, token: str, **headers: str) -> Response:
        bearer = {"Authorization": f"Bearer {token}", **headers}
        return await self.client.get("/api/v1/configuration", headers=bearer)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [
            recorded.envelope.data
            for recorded in self.store.all()
            if recorded.envelope.type == f"activation.v1.{name}"
        ]

    async def ask(self, generation: int = 1) -> dict[str, Any]:
        question = {"organization": "acme", "activation_id": "d1", "generation": generation}
        answer = await self.service.answers[CODE_SUBJECT](json.dumps(question).encode())
        content: dict[str, Any] = json.loads(answer)
        return content


@asynccontextmanager
async def installed(
    tmp_path: Path, counters: Counters | None = None, **chosen: Any
) -> AsyncIterator[Installation]:
    """Device d1 of contact c1 was just created, with one account whose password is sealed.

    `chosen` are settings. Nobody waits here for what is still on its way.
    """
    clock, past, read_models = Clock(), KeptLog(), MemoryReadModelStore()
    await read_models.open(*(projection.model for projection in projections))
    settings, store = _settings(tmp_path, chosen), MemoryEventStore("activation")
    runtime = Runtime(
        store,
        read_models,
        await _vault(tmp_path),
        _asks_nobody,
        clock,
        counters=counters or LocalCounters(),
        log_of={"provisioning": past}.__getitem__,
    )
    fakes, rebuilt = HttpFakes(clock), partial(build, runtime, settings)
    service = rebuilt()
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr(configurations, "PAUSES_SECONDS", (0.0,))
        async with fakes.client(service) as client:
            installation = Installation(
                service,
                store,
                read_models,
                fakes,
                clock,
                client,
                Codes(Keyring.load(settings.keyring)),
                ForeignLog(clock=clock),
                past,
                ForeignLog(clock=clock),
                settings.keyring,
                rebuilt,
            )
            await installation.happens(PROVIDER, ACCOUNT, SECRET, CONTACT, CREATED)
            yield installation


def _settings(folder: Path, chosen: dict[str, Any]) -> Settings:
    Keyring.create(folder / "keyring.json")
    create_sealing_keys(folder / "private.json", folder / "public.json")
    return Settings(
        keyring=folder / "keyring.json",
        opening_keys=folder / "private.json",
        public_url="https://phones.example.com/",
        **chosen,
    )


async def _vault(folder: Path) -> MemoryVault:
    sealer, vault = Sealer.load(folder / "public.json"), MemoryVault()
    where = ("acme", "a1", 1)
    await vault.put(secret_key(*where), sealer.seal(PASSWORD, secret_context(*where)))
    return vault


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"activation asked {subject}")
