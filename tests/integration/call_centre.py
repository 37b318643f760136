"""The sessions service over HTTP on fakes: an organization, its people, desks, and time."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import TokenVerifier
from chassis.event_store import Recorded
from chassis.jwks import JwksFile
from chassis.keyring import Keyring
from chassis.service import Runtime, Service
from chassis.signing_key import create_signing_key
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.http import HttpFakes
from chassis.testing.leases import MemoryLeases
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.vault import MemoryVault
from schemas.event import Event
from schemas.provisioning import DeviceCreated, SipAccountAdded
from services.sessions.app import build
from services.sessions.settings import Settings

PASSWORD = "a long enough pass phrase"
DOMAIN = "acme.example"
ADA, SUE, ALF, BEA = (f"{name}@{DOMAIN}" for name in ("ada", "sue", "alf", "bea"))
ROLES = {SUE: "supervisor", ALF: "agent", BEA: "agent"}
STEP_SECONDS = 5


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 5, 3, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class CallCentre:
    """Sessions, and provisioning as far as sessions sees it."""

    service: Service
    store: MemoryEventStore
    read_models: MemoryReadModelStore
    vault: MemoryVault
    leases: MemoryLeases
    clock: Clock
    client: AsyncTestClient[Litestar]
    tokens: dict[str, str] = field(default_factory=dict)
    untold: list[tuple[str, int]] = field(default_factory=list)
    seen: int = 0
    organization_id: str = ""
    provisioning: ForeignLog = field(default_factory=ForeignLog)

    async def send(
        self, method: str, path: str, body: Any = None, who: str | None = ADA, **headers: str
    ) -> Response:
        """A request by somebody who is signed in; None is nobody."""
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        url = path if path.startswith("/.") else f"/api/v1{path}"
        answer = await self.client.request(method, url, json=body, headers=headers)
        await self.catch_up()
        return answer

    async def get(self, path: str, who: str | None = ADA, **headers: str) -> Any:
        answer = await self.send("GET", path, None, who, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sign_in(
        self, user_id: str, machine: str | None = None, password: str = PASSWORD, **more: Any
    ) -> Response:
        """Sign in and remember the token; the machine is the user's own unless said otherwise."""
        body = {
            "user_id": user_id,
            "password": password,
            "machine_id": machine or f"machine of {user_id}",
            **more,
        }
        answer = await self.send("POST", "/sign-in", body, None)
        if answer.status_code in (200, 201):
            self.tokens[user_id] = answer.json()["access_token"]
        return answer

    async def settle_in(self) -> None:
        """An organization with an administrator who is signed in, and the others registered."""
        registered = await self.register_organization(DOMAIN, ADA)
        self.organization_id = registered.json()["id"]
        self.provisioning = ForeignLog(self.organization_id, self.clock)
        await self.sign_in(ADA)
        for user_id, role in ROLES.items():
            assert (await self.register(user_id, role)).status_code == 201

    async def register_organization(self, domain: str, administrator: str) -> Response:
        names = {"first_name": "Ada", "last_name": "Byron"}
        first = {"user_id": administrator, "password": PASSWORD, **names}
        body = {"name": "Acme", "domain": domain, "administrator": first}
        return await self.send("POST", "/organizations", body, None)

    async def register(
        self, user_id: str, role: str = "agent", who: str = ADA, **more: Any
    ) -> Response:
        body = {
            "user_id": user_id,
            "password": PASSWORD,
            "role": role,
            "first_name": "Some",
            "last_name": "Body",
            **more,
        }
        return await self.send("POST", "/users", body, who)

    async def policy(self, **more: Any) -> None:
        answer = await self.send("PUT", "/sign-in-policy", more)
        assert answer.status_code == 200, answer.text

    async def desk(self, name: str = "12", device: str = "d12", **more: Any) -> str:
        """A hot desk with a device of its own."""
        await self.happens(
            DeviceCreated(device_id=device, contact_id="c1", name=name, sip_account_ids=("a0",))
        )
        body = {"name": name, "device_id": device, "hot_desk": True, **more}
        answer = await self.send("POST", "/desks", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def numbers(self, user_id: str, *accounts: str) -> None:
        """Give an agent SIP accounts."""
        for account in accounts:
            await self.happens(
                SipAccountAdded(
                    sip_account_id=account,
                    provider_id="p1",
                    friendly_name=account,
                    username=account,
                    protocol="udp",
                )
            )
        answer = await self.send("PATCH", f"/users/{user_id}", {"sip_account_ids": accounts})
        assert answer.status_code == 200, answer.text

    async def beat(self, *who: str) -> list[int]:
        """Heartbeats; the statuses."""
        return [(await self.send("PUT", "/session/heartbeat", who=w)).status_code for w in who]

    async def pass_time(self, seconds: float, *alive: str) -> None:
        """Time goes by in small steps; leases run out, except of whoever is alive."""
        for _ in range(int(seconds / STEP_SECONDS)):
            self.clock.now += timedelta(seconds=STEP_SECONDS)
            for who in alive:
                assert await self.beat(who) == [204]
            await self.ring()

    async def ring(self) -> None:
        """Tell which leases have run out, as the broker does: until it has been dealt with."""
        assert self.service.expiry
        self.untold += self.leases.ends()
        while self.untold:
            await self.service.expiry.ended(*self.untold[0])
            self.untold.pop(0)
        await self.catch_up()

    async def catch_up(self) -> None:
        recorded = [r for r in self.store.all() if r.position.sequence > self.seen]
        if recorded:
            self.seen = recorded[-1].position.sequence
            await project(self.service.projections, self.read_models, recorded)
            await self.react(recorded)

    async def happens(self, *events: Event) -> None:
        """Provisioning publishes this."""
        recorded = self.provisioning.record(*events)
        await project(self.service.projections, self.read_models, recorded)
        await self.react(recorded)
        await self.catch_up()

    async def react(self, recorded: Iterable[Recorded]) -> None:
        for one in recorded:
            if reaction := self.service.reactions.get(type(one.event)):
                await reaction(one)

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [
            {"event": r.event.short_name, **r.envelope.data}
            for r in self.store.all()
            if r.event.short_name in names
        ]

    def reasons(self) -> list[str]:
        """Why sessions ended, in order."""
        return [event["reason"] for event in self.events("AgentSignedOut")]

    async def live(self) -> dict[str, dict[str, Any]]:
        """Who is signed in, by user id."""
        items = (await self.get("/sessions"))["items"]
        return {item["user_id"]: item for item in items}


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings with fresh keys."""
    Keyring.create(folder / "keyring.json")
    create_signing_key(folder / "signing.json", folder / "jwks.json")
    quickly = {"password_memory_kib": 1024, "refusal_milliseconds": 0}
    return Settings(
        keyring=folder / "keyring.json",
        signing_key=folder / "signing.json",
        access_token_seconds=3600,
        **{**quickly, **more},
    )


@asynccontextmanager
async def call_centre(folder: Path, **more: Any) -> AsyncIterator[CallCentre]:
    """A call centre where nobody but the administrator is signed in."""
    clock, store, vault = Clock(), MemoryEventStore("sessions"), MemoryVault()
    read_models, leases = MemoryReadModelStore(), MemoryLeases(clock)
    settings = settings_in(folder, **more)
    runtime = Runtime(store, read_models, vault, _asks_nobody, clock, leases=leases)
    service = build(runtime, settings)
    await read_models.open(*(projection.model for projection in service.projections))
    fakes = HttpFakes(clock)
    fakes.tokens.verifier = TokenVerifier(JwksFile(folder / "jwks.json"), clock)
    async with fakes.client(service) as client:
        here = CallCentre(service, store, read_models, vault, leases, clock, client)
        await here.settle_in()
        yield here


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"sessions asked {subject}")
