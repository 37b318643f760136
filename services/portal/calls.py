"""HTTP calls to the four services: the only way the portal learns or changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

import httpx
import msgspec

from chassis.answers import POSITION_HEADER
from services.portal.declined import UNREACHABLE, Declined, declined

SESSIONS, PROVISIONING, ACTIVATION, NOTIFIER = "sessions", "provisioning", "activation", "notifier"
FORWARDED_FOR = "X-Forwarded-For"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `once` names a command: the same command twice is one."""

    method: str
    service: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    once: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes | None:
        """The body as it is sent: bytes as they are, anything else as JSON."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        return msgspec.json.encode(self.body)


@dataclass(frozen=True)
class Services:
    """Where the services are. `http` is closed by whoever opened it."""

    http: httpx.AsyncClient
    urls: Mapping[str, str]

    async def send(self, call: Call, headers: Mapping[str, str]) -> httpx.Response:
        """An answer below 400. Raises `Declined`."""
        try:
            answer = await self.http.request(
                call.method,
                f"{self.urls[call.service]}/api/v1/{call.path}",
                params={name: one for name, one in call.query.items() if one not in (None, "")},
                content=call.content,
                headers={**_content_type(call), **headers, **call.headers, **_once(call)},
            )
        except httpx.TransportError:
            raise Declined(503, UNREACHABLE) from None
        if answer.is_error:
            raise declined(answer)
        return answer


def position(answer: httpx.Response) -> str | None:
    """How far a reader must have read to see what this command did."""
    found: str | None = answer.headers.get(POSITION_HEADER)
    return found


def decoded(answer: httpx.Response, kind: type[T]) -> T:
    """The body of an answer."""
    return msgspec.json.decode(answer.content, type=kind)


def _content_type(call: Call) -> dict[str, str]:
    return {} if call.body is None else {"Content-Type": "application/json"}


def _once(call: Call) -> dict[str, str]:
    if not call.once or call.method == "GET":
        return {}
    # With the body in it, so that a form that was corrected is another command.
    parts = (call.once, call.method, call.path, str(sorted(call.query.items())))
    key = sha256("\n".join(parts).encode() + (call.content or b"")).hexdigest()
    return {"Idempotency-Key": key}
