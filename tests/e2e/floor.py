"""A call centre on sessions in processes of their own: agents, hot desks, and who wants in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chassis.event_store import Aggregate, Change, History
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.foreign_log import ForeignLog
from schemas.provisioning import DeviceCreated
from switchboard.demo.client import Client, Json
from tests.e2e.audit import Audit, audited, log_of
from tests.e2e.separate import SWITCHBOARD, Installation, Process, installation
from tests.patient import http_to

PASSWORD = "correct horse battery staple"
AUDITS = 300
DOMAIN = "acme.example"
CHEAP = {
    "SESSIONS_PASSWORD_MEMORY_KIB": "1024",
    "SESSIONS_HEARTBEAT_SECONDS": "1",
}


@dataclass
class Floor:
    """Replicas that answer, one that works, and an administrator."""

    here: Installation
    replicas: list[Process]
    worker: Process
    http: list[httpx.AsyncClient]
    admin: Client
    organization_id: str = ""

    async def open(self) -> None:
        """Register the organization, with its administrator signed in."""
        names = {"first_name": "Ada", "last_name": "Byron"}
        ada = {"user_id": f"ada@{DOMAIN}", "password": PASSWORD, **names}
        body = {"name": "Acme", "domain": DOMAIN, "administrator": ada}
        made = await self.admin.command("/api/v1/organizations", body)
        self.organization_id = made["id"]
        await self._in_charge()

    async def policy(self, **policy: Any) -> None:
        await self.admin._send("PUT", "/api/v1/sign-in-policy", policy)

    async def agents(self, *names: str) -> None:
        more = {"role": "agent", "first_name": "An", "last_name": "Agent", "password": PASSWORD}
        await self._in_charge()
        for name in names:
            await self.admin.command("/api/v1/users", {"user_id": f"{name}@{DOMAIN}", **more})

    async def desk(self, name: str) -> str:
        """A new hot desk."""
        await self._device(name)
        body = {"name": name, "device_id": name, "hot_desk": True}
        return str((await self.admin.command("/api/v1/desks", body))["id"])

    async def _device(self, device_id: str) -> None:
        """Provisioning has it; sessions hears of it from the log."""
        event = DeviceCreated(
            device_id=device_id, contact_id="c1", name=device_id, sip_account_ids=("a1",)
        )
        (recorded,) = ForeignLog(self.organization_id).record(event)
        aggregate = Aggregate("provisioning", self.organization_id, "device", device_id)
        async with self.here.broker.connected("provisioning") as nc:
            store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
            await store.append([Change(History(aggregate), [recorded.envelope])])

    async def sign_in(self, name: str, machine: str, replica: int = 0, **more: Any) -> Json:
        """The answer, with its `status`; 0 is none."""
        body = {"user_id": f"{name}@{DOMAIN}", "password": PASSWORD, "machine_id": machine, **more}
        return await self.send("POST", "sign-in", None, body, replica)

    async def send(
        self, method: str, path: str, token: str | None, body: Any = None, replica: int = 0
    ) -> Json:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = await self.http[replica].request(
                method, f"/api/v1/{path}", json=body, headers=headers
            )
        except httpx.TransportError:
            return {"status": 0}
        content: Json = answer.json() if answer.content else {}
        return {**content, "status": answer.status_code}

    async def sign_out(self, token: str) -> None:
        assert (await self.send("POST", "sign-out", token))["status"] == 204

    async def last_of(self, session_id: str) -> str:
        """The last event of a session."""
        async with self.here.broker.connected("sessions") as nc:
            last = await log_of(nc).last(
                f"evt.sessions.{self.organization_id}.session.{session_id}.>"
            )
        assert last is not None
        return last.subject.rpartition(".")[2]

    async def audit(self) -> Audit:
        """The log and all claims are in order, and the read model shows the same."""
        for _ in range(AUDITS):
            async with self.here.broker.connected("sessions") as nc:
                found = await audited(nc)
            shown = await self._shown()
            wanted = {session: one.desk_id for session, one in found.live.items()}
            if shown == wanted:
                return found
            await asyncio.sleep(0.2)
        raise AssertionError(f"The list shows {shown}, the log {wanted}.")

    async def _shown(self) -> dict[str, str | None]:
        await self._in_charge()
        items = (await self.admin.read("/api/v1/sessions?limit=200"))["items"]
        return {i["session_id"]: i["desk"]["id"] if i["desk"] else None for i in items}

    async def _in_charge(self) -> None:
        """The administrator's own session may have ended in the meantime."""
        await self.admin.sign_in(f"ada@{DOMAIN}", PASSWORD)


@asynccontextmanager
async def floor(
    folder: Path, *, replicas: int, program: str = SWITCHBOARD, **settings: str
) -> AsyncIterator[Floor]:
    """A floor that is open. Its settings make passwords cheap and leases last three seconds."""
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(
            installation(folder, "sessions", **{**CHEAP, **settings})
        )
        serving = [here.process("serve", "sessions", program=program) for _ in range(replicas)]
        worker = here.process("work", "sessions", program=program)
        await here.all_ready()
        http = [await stack.enter_async_context(_client(one)) for one in serving]
        made = Floor(here, serving, worker, http, Client(http[0]))
        await made.open()
        yield made


def _client(process: Process) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=200)
    return http_to(process.url, limits=limits)


def winners(answers: Sequence[Json]) -> list[Json]:
    """Those who got in. Everybody else was refused by a rule, or told to ask again."""
    assert {one["status"] for one in answers} <= {200, 201, 409, 503}, answers
    return [one for one in answers if one["status"] in (200, 201)]
