"""Shared counters on a JetStream stream that adds up by itself (ADR-49)."""

import json

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.event_store import StoreUnavailable
from chassis.jetstream.nats_inbox import Answer, Inbox, check_responders

PATIENCE_SECONDS = 5.0
"""Shorter than for commands: whoever waits here holds a softphone up."""


class JetStreamCounters:
    """`Counters` of one service, below `counter.<service>.`.

    An addition whose answer was lost is made again: it may count double, never not at all.
    """

    def __init__(self, nc: Client, service: str, patience: float = PATIENCE_SECONDS) -> None:
        self._inbox = Inbox(nc, patience)
        self._prefix = f"counter.{service}."

    async def add(self, key: str, amount: int) -> int:
        """Add to a counter and answer what it is then. Raises `StoreUnavailable`."""
        answer: Answer[Msg] = self._inbox.answer()
        headers = {"Nats-Incr": f"{amount:+d}"}
        with self._inbox.replies(answer.take) as reply:

            async def attempt() -> int:
                await self._inbox.nc.publish(self._prefix + key, b"", reply, headers)
                return _counted(check_responders(await answer.get()))

            return await self._inbox.persist(attempt)


def _counted(answer: Msg) -> int:
    acknowledged = json.loads(answer.data)
    if error := acknowledged.get("error"):
        raise StoreUnavailable(
            f"The broker refused to count ({error['err_code']}: {error['description']}). "
            "Run `switchboard setup`, then try again."
        )
    return int(acknowledged["val"])
