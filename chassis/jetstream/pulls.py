"""Overlapping pulls on a durable consumer: the next messages travel while these are worked on."""

import asyncio
import json
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from chassis.feed import DeliveredElsewhere, FeedInterrupted

PULL = 500
PULLS_AHEAD = 2
EXPIRES_SECONDS = 20
HEARTBEAT_SECONDS = 2
SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS

_NANOSECONDS = 1_000_000_000
_REQUEST = json.dumps(
    {
        "batch": PULL,
        "expires": EXPIRES_SECONDS * _NANOSECONDS,
        "idle_heartbeat": HEARTBEAT_SECONDS * _NANOSECONDS,
    }
).encode()
_HEARTBEAT, _EXPIRED = "100", "408"
_DOTS_OF_A_RECEIPT = 8
"""In `$JS.ACK.<stream>.<consumer>.<tries>.<sequence>.<number>.<time>.<pending>`."""


class Pulls:
    """What a durable delivers from now on, to an inbox of its own.

    nats-py's `fetch` waits with a task and a timer per message and reaches a sixth of the speed.
    """

    def __init__(self, nc: Client, subject: str) -> None:
        self._nc = nc
        self._subject = subject
        self._subscription: Subscription | None = None
        self._received: list[Msg] = []
        self._newest: Msg | None = None
        self._awaited = 0
        self._trouble: FeedInterrupted | None = None
        self._arrived = asyncio.Event()
        self._heard_at = _now()
        self._reconnects = nc.stats["reconnects"]

    @property
    def waiting(self) -> tuple[Msg, ...]:
        """What has arrived and has not been taken."""
        return tuple(self._received)

    async def start(self) -> None:
        """Send the first pulls."""
        self._subscription = await self._nc.subscribe(
            self._nc.new_inbox(), cb=self._receive, pending_bytes_limit=0
        )
        await self._pull()

    async def take(self, seconds: float) -> list[Msg]:
        """At most `PULL` messages as they came, none if none came. Raises `FeedInterrupted`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        self._check()
        messages, self._received = self._received[:PULL], self._received[PULL:]
        if not self._received:
            self._arrived.clear()
        await self._pull()
        return messages

    async def close(self) -> None:
        """Want no more."""
        if self._subscription:
            with suppress(NatsError):
                await self._subscription.unsubscribe()

    async def _pull(self) -> None:
        if self._subscription is None:
            return
        while self._awaited + len(self._received) <= PULL * (PULLS_AHEAD - 1):
            self._awaited += PULL
            await self._nc.publish(self._subject, _REQUEST, reply=self._subscription.subject)

    async def _receive(self, message: Msg) -> None:
        self._heard_at = _now()
        if not message.reply:
            await self._heed(message)
            return
        self._newest = message
        self._received.append(message)
        self._awaited -= 1
        # As long as more wait in the stream, a full batch costs the reader least.
        if len(self._received) >= PULL or not _more_wait(message.reply):
            self._arrived.set()

    async def _heed(self, status: Msg) -> None:
        headers = status.headers or {}
        code, text = headers.get("Status"), headers.get("Description", "").strip()
        if code == _HEARTBEAT:
            delivered = self._newest.metadata.sequence.consumer if self._newest else 0
            if int(headers.get("Nats-Last-Consumer", delivered)) != delivered:
                self._give_up(DeliveredElsewhere("The broker delivered to another reader."))
        elif code == _EXPIRED:
            self._awaited -= int(headers.get("Nats-Pending-Messages", 0))
            await self._pull()
        else:
            self._give_up(FeedInterrupted(f"The broker ended a pull: {code} {text}."))

    def _give_up(self, trouble: FeedInterrupted) -> None:
        self._trouble = trouble
        self._arrived.set()

    def _check(self) -> None:
        if self._trouble:
            raise self._trouble
        if self._nc.stats["reconnects"] != self._reconnects:
            raise FeedInterrupted("The connection to NATS was lost for a while.")
        if _now() - self._heard_at > SILENCE_SECONDS:
            raise FeedInterrupted(f"The broker sent no heartbeat for {SILENCE_SECONDS} s.")


def _more_wait(receipt: str) -> bool:
    return not receipt.endswith(".0") and receipt.count(".") == _DOTS_OF_A_RECEIPT


def _now() -> float:
    return asyncio.get_running_loop().time()
