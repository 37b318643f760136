"""A small client of the public HTTP surface that survives restarts and never does a thing twice."""

import asyncio
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx

from chassis.cause import new_id

Json = dict[str, Any]

PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.25
TRY_AGAIN = {429, 502, 503}
TOKEN_IS_OVER = 401
MACHINE_ID = "switchboard-demo"
STALE_TRIES = 10
"""Each waits as long as the product is willing to hold a read back."""


class Refusal(Exception):
    """The product said no. The text is its own."""

    def __init__(self, status: int, problem: Json) -> None:
        fields = "; ".join(f"{e['field']}: {e['message']}" for e in problem.get("errors", []))
        super().__init__(fields or str(problem.get("detail") or problem.get("title") or status))
        self.status = status


class Unreachable(Exception):
    """The product did not answer for too long."""


@dataclass
class Client:
    """Signed in as one administrator, and signs in again when its token is over.

    Reads see what the commands before them did.
    """

    http: httpx.AsyncClient
    _token: str | None = None
    _position: str | None = None
    _entered: tuple[str, str, str] | None = field(default=None, repr=False)
    patience_seconds: float = PATIENCE_SECONDS

    async def sign_in(self, user_id: str, password: str, machine_id: str = MACHINE_ID) -> Json:
        """Sign in, or get the session on this machine back. Raises `Refusal`."""
        body = {"user_id": user_id, "password": password, "machine_id": machine_id}
        answer = _accepted(await self._answer("POST", "/api/v1/sign-in", body, {}))
        session: Json = answer.json()
        self._token, self._entered = session["access_token"], (user_id, password, machine_id)
        return session

    async def command(self, path: str, body: Json, *, once: str | None = None) -> Json:
        """POST. `once` names the command, so that repeating it does nothing more."""
        headers = {"Idempotency-Key": sha256(once.encode()).hexdigest()} if once else {}
        answer = await self._send("POST", path, body, headers)
        if position := answer.headers.get("Switchboard-Position"):
            self._position = position
        found: Json = answer.json() if answer.content else {}
        return found

    async def change(self, path: str, body: Json) -> Json:
        """PATCH. Raises `Refusal`."""
        answer = await self._send("PATCH", path, body)
        if position := answer.headers.get("Switchboard-Position"):
            self._position = position
        found: Json = answer.json()
        return found

    async def upload(self, path: str, content: bytes) -> Json:
        """POST a CSV file, once whatever gets lost on the way. Raises `Refusal`."""
        headers = {"Idempotency-Key": sha256(content + path.encode() + _fresh()).hexdigest()}
        answer = await self._send("POST", path, content, headers | {"Content-Type": "text/csv"})
        if position := answer.headers.get("Switchboard-Position"):
            self._position = position
        found: Json = answer.json()
        return found

    async def read(self, path: str) -> Any:
        """GET what shows every command before, waiting for it if need be. Raises `Refusal`."""
        headers = {"Switchboard-Position": self._position} if self._position else {}
        answer = await self._send("GET", path, None, headers)
        for _ in range(STALE_TRIES):
            if "Switchboard-Stale" not in answer.headers:
                break
            answer = await self._send("GET", path, None, headers)
        return answer.json()

    async def text(self, path: str) -> str:
        """GET a text."""
        return (await self._send("GET", path, None, {"Accept": "*/*"})).text

    async def _send(
        self,
        method: str,
        path: str,
        body: Json | bytes | None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        answer = await self._answer(method, path, body, headers or {})
        if answer.status_code == TOKEN_IS_OVER and self._entered:
            await self.sign_in(*self._entered)
            answer = await self._answer(method, path, body, headers or {})
        return _accepted(answer)

    async def _answer(
        self, method: str, path: str, body: Json | bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        token = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        deadline = asyncio.get_running_loop().time() + self.patience_seconds
        while True:
            answer = await self._try(method, path, body, headers | token)
            if answer is not None and answer.status_code not in TRY_AGAIN:
                return answer
            if asyncio.get_running_loop().time() > deadline:
                raise Unreachable(
                    f"No answer from {self.http.base_url} for {self.patience_seconds:.0f} seconds. "
                    "Start the product with `make run` and try again."
                )
            await asyncio.sleep(PAUSE_SECONDS)

    async def _try(
        self, method: str, path: str, body: Json | bytes | None, headers: dict[str, str]
    ) -> httpx.Response | None:
        try:
            if isinstance(body, bytes):
                return await self.http.request(method, path, content=body, headers=headers)
            return await self.http.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            return None


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise Refusal(answer.status_code, _problem(answer))
    return answer


def _fresh() -> bytes:
    # The same file on purpose imported twice is two imports.
    return new_id().encode()


def _problem(answer: httpx.Response) -> Json:
    try:
        found: Json = answer.json()
    except json.JSONDecodeError:
        return {"title": answer.reason_phrase}
    return found
