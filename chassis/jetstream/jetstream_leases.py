"""Leases as messages with a time to live, one per subject."""

import math
from time import monotonic

from nats.aio.client import Client

from chassis.cause import new_id
from chassis.event_store import Conflict
from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.jetstream_publish import Message, Publisher, guarded
from chassis.jetstream.nats_inbox import PATIENCE_SECONDS, Inbox
from chassis.leases import Lease, LeaseMoved

STREAM = "HEARTBEATS"
PREFIX = "heartbeat"
HELD = b"1"
"""What a held lease says. The broker's marker of its end says nothing."""


class Steadiness:
    """For how long a connection to the broker has been unbroken."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self._reconnects = nc.stats["reconnects"]
        self._since = monotonic()

    @property
    def seconds(self) -> float:
        """Zero while the broker is away. A break is noticed when somebody asks, which is in time:
        whoever asks first after it gets zero."""
        if not self._nc.is_connected or self._nc.stats["reconnects"] != self._reconnects:
            self._reconnects = self._nc.stats["reconnects"]
            self._since = monotonic()
        return monotonic() - self._since


class JetStreamLeases:
    """`Leases` on a stream that keeps one message per subject and marks the end of each."""

    def __init__(
        self, nc: Client, *, api_prefix: str = "JSP", patience: float = PATIENCE_SECONDS
    ) -> None:
        inbox = Inbox(nc, patience)
        self._stream = DirectGet(inbox, api_prefix, STREAM)
        self._publisher = Publisher(inbox)
        self._steadiness = Steadiness(nc)

    @property
    def steady_seconds(self) -> float:
        """For how long the broker has been reachable from here without a break."""
        return self._steadiness.seconds

    async def look(self, key: str) -> Lease:
        """The lease as it is now. Raises `StoreUnavailable`."""
        stored = await self._stream.last(f"{PREFIX}.{key}")
        return Lease(bool(stored.payload), stored.sequence) if stored else Lease()

    async def hold(self, key: str, seconds: float, *, revision: int | None = None) -> None:
        """Hold it from now on. Raises `LeaseMoved`, `StoreUnavailable`.

        A broker that comes back may write down that a lease has run out just after it was held
        anew (1 of 2 400, measured), which ends it: holders must hold again before that matters.
        """
        headers = {
            "Nats-TTL": f"{max(1, math.ceil(seconds))}s",
            "Nats-Msg-Id": new_id(),
            **({} if revision is None else guarded(revision)),
        }
        try:
            await self._publisher.publish([Message(f"{PREFIX}.{key}", HELD, headers)])
        except Conflict as conflict:
            raise LeaseMoved(f"{key} has changed: look at it again.") from conflict
