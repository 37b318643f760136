"""A log in order from a durable consumer: nothing is skipped unnoticed."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.event_store import StoreUnavailable
from chassis.feed import (
    Batch,
    DeliveredElsewhere,
    Delivery,
    DurableMissing,
    FeedInterrupted,
    LogInfo,
    Standing,
)
from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.incarnation import incarnation_of
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.pulls import Pulls

_NOT_FOUND = 404
_PLAIN_RECEIPT_TOKENS = 9
_REPLICA_TRIES = 5
_REPLICA_PAUSE_SECONDS = 0.2


class JetStreamFeed:
    """`Feed` on a durable that exists already and that this connection may pull from.

    A durable hands each message to one puller only, and takes what is lost on the way for
    delivered as long as its ack wait lasts. So every step in the log is checked: a sequence that
    does not follow on the one before must be the next there is, else the feed is interrupted.
    """

    def __init__(self, nc: Client, stream: str, durable: str, api_prefix: str = "JSP") -> None:
        self._nc = nc
        self._stream = stream
        self._durable = durable
        self._api = api_prefix
        self._inbox = Inbox(nc)
        self._direct = DirectGet(self._inbox, api_prefix, stream)
        self._pulls: Pulls | None = None
        self._filter = ">"
        self._last = 0

    async def log(self) -> LogInfo:
        """The stream's creation time and end. Raises `StoreUnavailable`."""
        answer = await self._ask(f"STREAM.INFO.{self._stream}")
        if error := answer.get("error"):
            raise StoreUnavailable(
                f"Stream {self._stream}: {error['description']}. Restore it with `switchboard "
                "archive import`, or run `switchboard setup` if there never was one."
            )
        return LogInfo(incarnation_of(answer), answer["state"]["last_seq"])

    async def reset(self, sequence: int) -> None:
        """Take the durable over from this sequence on. Raises `DurableMissing`."""
        await self.close()
        # Asked first: a reset of what does not exist gets no answer at all.
        info = await self._consumer("INFO")
        self._filter = (info["config"].get("filter_subjects") or [">"])[0]
        await self._consumer("RESET", {"seq": sequence})
        self._last = sequence - 1
        # A new inbox: what earlier pulls still bring cannot be mistaken for an answer to these.
        subject = f"{self._api}.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}"
        self._pulls = Pulls(self._nc, subject)
        await self._pulls.start()

    async def next_batch(self, seconds: float) -> Batch | None:
        """What comes next, complete and in order; None if none came for so long.

        Raises `FeedInterrupted`, `StoreUnavailable`.
        """
        if self._pulls is None:
            raise FeedInterrupted("Reading has not begun: reset the feed first.")
        messages = await self._pulls.take(seconds)
        deliveries = list(_after(self._last, messages))
        if not deliveries:
            return None
        await self._check_steps([self._last, *(delivery.sequence for delivery in deliveries)])
        self._last = deliveries[-1].sequence
        newest = messages[-1].metadata
        return Batch(deliveries, newest.num_pending, newest.timestamp.timestamp())

    async def ack(self, batch: Batch) -> None:
        """Acknowledge this batch and everything before it."""
        await self._nc.publish(batch.deliveries[-1].receipt, b"+ACK")

    async def find(self, patterns: Sequence[str]) -> list[Standing]:
        """Where the newest message of each matching subject stands. Raises `StoreUnavailable`."""
        found = await self._direct.last_of_each(patterns)
        return [Standing(stored.subject, stored.sequence) for stored in found]

    async def close(self) -> None:
        """Want no more."""
        pulls, self._pulls = self._pulls, None
        if pulls:
            await pulls.close()

    async def _check_steps(self, sequences: Sequence[int]) -> None:
        leaps = [(a, b) for a, b in pairwise(sequences) if b != a + 1]
        await asyncio.gather(*(self._check_leap(*leap) for leap in leaps))

    async def _check_leap(self, before: int, after: int) -> None:
        for _ in range(_REPLICA_TRIES):
            following = await self._next_after(before)
            if following is None:
                # The replica that answered lags behind the one that delivered.
                await asyncio.sleep(_REPLICA_PAUSE_SECONDS)
            elif following >= after:
                return
            else:
                raise DeliveredElsewhere(f"Event {following} was delivered elsewhere or got lost.")
        raise FeedInterrupted(f"The log does not show event {after}, which was delivered.")

    async def _next_after(self, sequence: int) -> int | None:
        request = json.dumps({"seq": sequence + 1, "next_by_subj": self._filter}).encode()
        answer = await self._inbox.ask(f"{self._api}.DIRECT.GET.{self._stream}", request)
        found = (answer.headers or {}).get("Nats-Sequence")
        return int(found) if found else None

    async def _consumer(self, verb: str, body: dict[str, int] | None = None) -> dict[str, Any]:
        answer = await self._ask(f"CONSUMER.{verb}.{self._stream}.{self._durable}", body)
        if error := answer.get("error"):
            raise self._refusal(error)
        return answer

    async def _ask(self, call: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        payload = json.dumps(body).encode() if body else b""
        answer = await self._inbox.ask(f"{self._api}.{call}", payload)
        content: dict[str, Any] = json.loads(answer.data)
        return content

    def _refusal(self, error: dict[str, Any]) -> Exception:
        if error["code"] == _NOT_FOUND:
            return DurableMissing(self._durable, self._stream)
        return StoreUnavailable(
            f"Durable {self._durable} of stream {self._stream}: {error['description']}."
        )


def _after(last: int, messages: Iterable[Msg]) -> Iterator[Delivery]:
    # What comes a second time, because its ack wait was over, has been received already.
    for message in messages:
        sequence, _ = place_of(message.reply)
        if sequence > last:
            last = sequence
            yield Delivery(sequence, message.subject, message.data, message.reply)


def place_of(receipt: str) -> tuple[int, int]:
    """A message's sequence in the stream, and its number among those of the consumer."""
    tokens = receipt.split(".")
    first = 5 if len(tokens) == _PLAIN_RECEIPT_TOKENS else 7
    return int(tokens[first]), int(tokens[first + 1])
