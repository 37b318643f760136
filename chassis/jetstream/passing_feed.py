"""A log in order for one reader who leaves nothing behind: no durable, no acknowledgement."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.event_store import StoreUnavailable
from chassis.feed import Batch, Delivery, FeedInterrupted
from chassis.jetstream.jetstream_feed import JetStreamFeed, place_of
from chassis.jetstream.pulls import Pulls

KEPT_SECONDS = 30
_NANOSECONDS = 1_000_000_000


class PassingFeed(JetStreamFeed):
    """`Feed` on a consumer of its own, which the broker forgets soon after it is closed.

    It is numbered for this reader alone: a number that is missing was lost on the way. Needs the
    rights of `ops`.
    """

    def __init__(
        self, nc: Client, stream: str, filters: Sequence[str], api_prefix: str = "$JS.API"
    ) -> None:
        super().__init__(nc, stream, "", api_prefix)
        self._filters = list(filters)
        self._numbered = 0

    async def reset(self, sequence: int) -> None:
        """Deliver from this sequence on. Raises `StoreUnavailable`."""
        await self._begin({"deliver_policy": "by_start_sequence", "opt_start_seq": sequence})
        self._last = sequence - 1

    async def begin_at(self, moment: datetime) -> None:
        """Deliver what was stored from this moment on. Raises `StoreUnavailable`."""
        at = moment.astimezone(UTC).isoformat()
        await self._begin({"deliver_policy": "by_start_time", "opt_start_time": at})

    async def next_batch(self, seconds: float) -> Batch | None:
        """What comes next, complete and in order. Raises `FeedInterrupted`."""
        messages = await self.messages(seconds)
        if not messages:
            return None
        deliveries = [Delivery(place_of(m.reply)[0], m.subject, m.data) for m in messages]
        self._last = deliveries[-1].sequence
        newest = messages[-1].metadata
        return Batch(deliveries, newest.num_pending, newest.timestamp.timestamp())

    async def ack(self, batch: Batch) -> None:
        """Nothing is kept for anybody."""

    async def messages(self, seconds: float) -> list[Msg]:
        """What comes next with its headers, none if nothing comes. Raises `FeedInterrupted`."""
        if self._pulls is None:
            raise FeedInterrupted("Reading has not begun: reset the feed first.")
        messages = await self._pulls.take(seconds)
        if messages:
            self._numbered += len(messages)
            if place_of(messages[-1].reply)[1] != self._numbered:
                raise FeedInterrupted("Part of the log got lost on the way. Read it again.")
        return messages

    async def _begin(self, start: dict[str, Any]) -> None:
        await self.close()
        config = {
            **start,
            "ack_policy": "none",
            "filter_subjects": self._filters,
            "inactive_threshold": KEPT_SECONDS * _NANOSECONDS,
            "mem_storage": True,
        }
        body = {"stream_name": self._stream, "config": config}
        answer = await self._ask(f"CONSUMER.CREATE.{self._stream}", body)
        if error := answer.get("error"):
            raise StoreUnavailable(f"Stream {self._stream} cannot be read: {error['description']}.")
        self._numbered = 0
        subject = f"{self._api}.CONSUMER.MSG.NEXT.{self._stream}.{answer['name']}"
        self._pulls = Pulls(self._nc, subject)
        await self._pulls.start()
