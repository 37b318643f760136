"""The least that reads from and writes to a stream: one inbox, a callback per question."""

import itertools
import json
from asyncio import Future, get_running_loop
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg


class Broker:
    """nats-py's own `js.publish` is slower than this, so this is what we compare with."""

    def __init__(self, nc: Client, api: str, stream: str) -> None:
        self.nc = nc
        self._get = f"{api}.DIRECT.GET.{stream}"
        self._inbox = f"{nc.new_inbox()}."
        self._tokens = itertools.count()
        self._takers: dict[str, Callable[[Msg], None]] = {}

    async def open(self) -> None:
        """Wait for answers from now on."""
        await self.nc.subscribe(f"{self._inbox}*", cb=self._arrived)

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        """Store one message; answers its sequence."""
        answer: Future[Msg] = get_running_loop().create_future()
        token = self._expect(answer.set_result)
        await self.nc.publish(subject, payload, self._inbox + token, headers)
        stored = json.loads((await answer).data)
        del self._takers[token]
        return int(stored["seq"])

    async def publish_batch(self, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> int:
        """Store all messages or none; answers the sequence of the last."""
        answer: Future[Msg] = get_running_loop().create_future()
        token, batch_id = self._expect(answer.set_result), uuid4().hex
        for number, (subject, payload, headers) in enumerate(messages, 1):
            batch = {"Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(number)}
            is_last = number == len(messages)
            reply = self._inbox + token if is_last else ""
            commit = {"Nats-Batch-Commit": "1"} if is_last else {}
            await self.nc.publish(subject, payload, reply, headers | batch | commit)
        stored = json.loads((await answer).data)
        del self._takers[token]
        return int(stored["seq"])

    async def last_of_each(self, patterns: Sequence[str]) -> list[Msg]:
        """The newest message on every subject that matches."""
        messages: list[Msg] = []
        complete: Future[None] = get_running_loop().create_future()

        def take(message: Msg) -> None:
            if (message.headers or {}).get("Status"):
                complete.set_result(None)
            else:
                messages.append(message)

        token = self._expect(take)
        request = json.dumps({"multi_last": list(patterns)}).encode()
        await self.nc.publish(self._get, request, self._inbox + token)
        await complete
        del self._takers[token]
        return messages

    def _expect(self, take: Callable[[Msg], None]) -> str:
        token = str(next(self._tokens))
        self._takers[token] = take
        return token

    async def _arrived(self, message: Msg) -> None:
        self._takers[message.subject[len(self._inbox) :]](message)


@asynccontextmanager
async def connected(
    url: str, seed: str, user: str = "provisioning", api: str = "JSP"
) -> AsyncIterator[Broker]:
    """A connection to the stream of a service, with the rights of its user."""
    options: dict[str, Any] = {"nkeys_seed": seed, "inbox_prefix": f"_INBOX_{user}"}
    nc = await nats.connect(url, **options)
    broker = Broker(nc, api, user.upper())
    await broker.open()
    try:
        yield broker
    finally:
        await nc.close()


def guarded(content_type: str, event_id: str, last: int, prefix: str) -> dict[str, str]:
    """The headers of an event that must follow on the last one of its aggregate."""
    return {
        "content-type": content_type,
        "Nats-Msg-Id": event_id,
        "Nats-Expected-Last-Subject-Sequence": str(last),
        "Nats-Expected-Last-Subject-Sequence-Subject": f"{prefix}.>",
    }
