"""Where the public keys come from that access tokens are checked with."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.decider import Refused

PAUSE_SECONDS = 5.0
"""Made-up key ids must not make us read again and again."""

MAX_AGE_SECONDS = 300.0
"""After this long the keys are read again, so that a withdrawn one is not trusted for ever."""

FETCH_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class KeysUnavailable(Refused):
    """The keys that tokens are checked with cannot be read."""

    status = 503


class Keys(Protocol):
    """Public signing keys."""

    async def current(self, *, missed: bool = False) -> KeySet:
        """The keys as last read; when a key id was `missed`, read again if that is worth a try.

        Raises `KeysUnavailable`.
        """
        ...


class _RememberedKeys(ABC):
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def current(self, *, missed: bool = False) -> KeySet:
        """The keys. Raises `KeysUnavailable`."""
        async with self._reading:
            now = self._monotonic()
            wanted = missed or now - self._read_at >= MAX_AGE_SECONDS
            if wanted and now - self._tried_at >= PAUSE_SECONDS:
                self._tried_at = now
                await self._renew(now)
        if self._keys is None:
            raise KeysUnavailable("Sign-ins cannot be checked at the moment. Try again shortly.")
        return self._keys

    async def _renew(self, now: float) -> None:
        try:
            self._keys = KeySet.import_key_set(msgspec.json.decode(await self._read()))
            self._read_at = now
        except (OSError, httpx.HTTPError, msgspec.MsgspecError, JoseError, KeyError) as error:
            _log.warning("signing_keys_not_read", source=str(self), error=error)

    @abstractmethod
    async def _read(self) -> bytes: ...


class JwksFile(_RememberedKeys):
    """Keys in a file, which may be replaced while we run."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(monotonic)
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    async def _read(self) -> bytes:
        return await asyncio.to_thread(self._path.read_bytes)


class JwksUrl(_RememberedKeys):
    """Keys that the sessions service publishes."""

    def __init__(
        self,
        url: str,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(monotonic)
        self._url = url
        self._transport = transport

    def __str__(self) -> str:
        return self._url

    async def _read(self) -> bytes:
        async with httpx.AsyncClient(transport=self._transport, timeout=FETCH_SECONDS) as client:
            answer = await client.get(self._url)
        return answer.raise_for_status().content
