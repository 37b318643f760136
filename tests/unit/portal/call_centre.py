"""A call centre behind the portal: an agent or somebody in charge is signed in."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.unit.portal.scene import HTML, Scripted, browser, portal

_TOKEN = re.compile(r'name="_token" value="(\w+)"')
SESSION: dict[str, Any] = {
    "session_id": "s1",
    "heartbeat_seconds": 15,
    "lease_seconds": 45,
    "user": {"user_id": "ada@example.com", "role": "agent", "language": "en"},
    "organization": {"id": "o1", "name": "Acme", "languages": ["en", "de"]},
    "machine_id": "4f1de02b6c5d",
    "signed_in_at": "2026-05-03T07:00:00Z",
    "desk": {"id": "d12", "name": "Desk 12"},
    "acd_state": {"state": "unavailable", "reason": "Lunch <break>"},
    "ends_at": "2026-05-03T18:00:00Z",
}
DESKS: dict[str, Any] = {
    "items": [
        {"id": "d11", "name": "Desk 11", "hot_desk": True, "taken": False, "max_hours": 4},
        {"id": "d12", "name": "Desk 12", "hot_desk": True, "taken": True},
        {"id": "d13", "name": "Desk 13", "hot_desk": True, "taken": True},
        {"id": "d14", "name": "Reception", "hot_desk": False, "taken": False},
    ],
    "next": None,
}
LIVE = {
    "session_id": "s7",
    "user_id": "grace@example.com",
    "role": "agent",
    "machine_id": "m7",
    "signed_in_at": "2026-05-03T08:00:00Z",
    "stay_signed_in": True,
    "connection": "lost",
    "lost_since": "2026-05-03T09:30:00Z",
    "language": "de",
    "desk": {"id": "d13", "name": "Desk 13"},
    "acd_state": {"state": "unavailable", "reason": "Training"},
    "acd_since": "2026-05-03T09:15:00Z",
}
OWN = {
    **LIVE,
    "session_id": "s1",
    "user_id": "ada@example.com",
    "role": "supervisor",
    "connection": "connected",
    "lost_since": None,
    "desk": None,
    "acd_state": None,
    "acd_since": None,
}
PAST = {
    "session_id": "s3",
    "user_id": "alan@example.com",
    "signed_in_at": "2026-05-02T08:00:00Z",
    "signed_out_at": "2026-05-02T10:05:00Z",
    "reason": "forced",
    "by": "boss@example.com",
}
SEATS: list[dict[str, Any]] = [
    {"desk_id": "d11", "desk": "Desk 11", "user_id": "grace@example.com", "hours": 2.0},
    {"desk_id": "d12", "desk": "Desk 12", "user_id": "grace@example.com", "hours": 5.5},
    {"desk_id": "d12", "desk": "Desk 12", "user_id": "alan@example.com", "hours": 2.5},
]
ANSWERS: Mapping[str, Any] = {
    "GET /api/v1/sign-in/options": {"languages": ["en"]},
    "GET /api/v1/session": SESSION,
    "PUT /api/v1/session/heartbeat": (204, None),
    "PUT /api/v1/session/acd-state": SESSION,
    "PUT /api/v1/session/desk": SESSION,
    "DELETE /api/v1/session/desk": (204, None),
    "GET /api/v1/desks": DESKS,
    "GET /api/v1/sessions": {"items": [OWN, LIVE], "next": None},
    "GET /api/v1/sessions/s7": LIVE,
    "DELETE /api/v1/sessions": {"signed_out": 3},
    "DELETE /api/v1/sessions/s7": (204, None),
    "PUT /api/v1/sessions/s7/acd-state": {"state": "available"},
    "GET /api/v1/sessions/history": {"items": [PAST], "next": None},
    "GET /api/v1/seat-hours": {"items": SEATS},
}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in with a browser, and the services behind it."""

    client: AsyncTestClient[Litestar]
    services: Scripted

    async def open(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=HTML)

    async def send(self, path: str, seen_at: str, **fields: str) -> httpx.Response:
        """Send a form of the page `seen_at`, and follow to the page that comes then."""
        found = _TOKEN.search((await self.open(seen_at)).text)
        assert found
        form = {"_token": found[1], **fields}
        return await self.client.post(path, data=form, headers=HTML)

    def told(self, method: str, path: str) -> list[bytes]:
        """What was sent to a service: the bodies, in order."""
        return [
            one.content
            for one in self.services.asked
            if (one.method, one.url.path) == (method, f"/api/v1/{path}")
        ]


@asynccontextmanager
async def signed_in(
    role: str,
    answers: Mapping[str, Any] | None = None,
    *,
    stay: bool = True,
    language: str = "en",
) -> AsyncIterator[Person]:
    """Somebody of this role; `answers` are what services say otherwise than usually."""
    user = {**SESSION["user"], "role": role, "language": language}
    tokens = {"access_token": "a", "refresh_token": "r", "expires_in": 300}
    entered = (201, {**SESSION, "user": user, **tokens})
    services = Scripted({**ANSWERS, "POST /api/v1/sign-in": entered, **(answers or {})})
    async with browser(portal(services=services)) as client:
        person = Person(client, services)
        stays = {"stay_signed_in": "true"} if stay else {}
        await person.send("/sign-in", "/sign-in", user_id="ada", password="secret", **stays)
        yield person
