"""Access tokens end with their session: every service reads in the log who has been signed out."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from nats.aio.client import Client

from chassis.auth import Principal, Unauthenticated, Verifier
from chassis.cause import Clock, system_clock
from chassis.event_store import StoreUnavailable
from chassis.jetstream.direct_get import DirectGet, Stored
from chassis.jetstream.nats_inbox import Inbox

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 2.0
LONGEST_TOKEN_LIFE = timedelta(hours=1)
AT_A_TIME = 500
_SESSION_TOKEN = 4
"""In `evt.sessions.<organization>.session.<id>.<version>.<Event>`."""

_log = structlog.get_logger(__name__)


class EndedSessions:
    """The sessions that ended while tokens of theirs may still be good.

    While the broker is away nothing is learnt, and tokens are good until they expire.
    """

    def __init__(
        self,
        nc: Client,
        stream: str,
        subject: str,
        *,
        api_prefix: str = "JSP",
        clock: Clock = system_clock,
    ) -> None:
        self._log = DirectGet(Inbox(nc, PATIENCE_SECONDS), api_prefix, stream)
        self._subject = subject
        self._clock = clock
        self._next: int | None = None
        self._recent: dict[str, str] = {}
        self._older: dict[str, str] = {}
        self._turned_at = clock()
        self._stopping = asyncio.Event()

    def __contains__(self, session_id: str) -> bool:
        return self.why(session_id) is not None

    def why(self, session_id: str) -> str | None:
        """The reason of a sign-out, None if the session may go on."""
        return self._recent.get(session_id) or self._older.get(session_id)

    async def run(self) -> None:
        """Follow the log until `stop()`. Never raises."""
        while not self._stopping.is_set():
            try:
                caught_up = await self.look()
            except StoreUnavailable as error:
                caught_up = True
                _log.warning("ended_sessions_unknown", reason=str(error))
            if caught_up:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)

    def stop(self) -> None:
        """End `run()`."""
        self._stopping.set()

    async def look(self) -> bool:
        """Learn of the next sign-outs; whether those were all. Raises `StoreUnavailable`."""
        self._turn()
        start = self._clock() - LONGEST_TOKEN_LIFE if self._next is None else self._next
        found = await self._log.following(self._subject, start, AT_A_TIME)
        self._recent |= {one.subject.split(".")[_SESSION_TOKEN]: _reason(one) for one in found}
        if found:
            self._next = found[-1].sequence + 1
        return len(found) < AT_A_TIME

    def _turn(self) -> None:
        if self._clock() - self._turned_at > LONGEST_TOKEN_LIFE:
            self._older, self._recent = self._recent, {}
            self._turned_at = self._clock()


@dataclass(frozen=True)
class StillSignedIn:
    """A verifier that knows which sessions are over."""

    verifier: Verifier
    ended: EndedSessions

    async def verify(self, token: str) -> Principal:
        """Who the token was given to. Raises `Unauthenticated`, `KeysUnavailable`."""
        principal = await self.verifier.verify(token)
        if why := self.ended.why(principal.session_id):
            raise Unauthenticated("The session is over. Sign in again.", reason=why)
        return principal


def _reason(sign_out: Stored) -> str:
    return str(json.loads(sign_out.payload).get("data", {}).get("reason", "unknown"))
