"""Reads a log in overlapping pulls and keeps one document per device, in few lines."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, Protocol

from nats.aio.client import Client
from nats.aio.msg import Msg

Document = dict[str, Any]
Written = dict[str, tuple[Document, int]]
"""Documents by device, each with the sequence of the event it shows."""

PULL = 500
REQUEST = json.dumps({"batch": PULL, "expires": 20_000_000_000}).encode()


class Database(Protocol):
    """Where the documents go."""

    async def save(self, documents: Written, sequence: int) -> None:
        """Write them, and that the log has been read up to here."""
        ...


class Pulling:
    """Two pulls at a time, so that messages travel while others are written."""

    def __init__(self, nc: Client, durable: str) -> None:
        self._nc = nc
        self._next = f"JSP.CONSUMER.MSG.NEXT.PROVISIONING.{durable}"
        self._inbox = nc.new_inbox()
        self._messages: list[Msg] = []
        self._arrived = asyncio.Event()

    async def start(self) -> None:
        """Send the first two."""
        await self._nc.subscribe(self._inbox, cb=self._receive, pending_bytes_limit=0)
        for _ in range(2):
            await self._nc.publish(self._next, REQUEST, self._inbox)

    async def take(self) -> list[Msg]:
        """The next messages, at most a pull's."""
        await self._arrived.wait()
        taken, self._messages = self._messages[:PULL], self._messages[PULL:]
        if len(self._messages) < PULL:
            self._arrived.clear()
        await self._nc.publish(self._next, REQUEST, self._inbox)
        return taken

    async def _receive(self, message: Msg) -> None:
        if message.reply:
            self._messages.append(message)
            if len(self._messages) >= PULL or message.reply.endswith(".0"):
                self._arrived.set()


async def project(nc: Client, durable: str, last: int, database: Database) -> None:
    """Bring the documents up to the end of the log."""
    reset = f"JSP.CONSUMER.RESET.PROVISIONING.{durable}"
    await nc.request(reset, json.dumps({"seq": 1}).encode(), timeout=5)
    pulling = Pulling(nc, durable)
    await pulling.start()
    documents: dict[str, Document] = {}
    reached, saving = 0, asyncio.create_task(asyncio.sleep(0))
    while reached < last:
        messages = await pulling.take()
        changed = fold(messages, documents)
        reached = _sequence(messages[-1])
        await saving
        saving = asyncio.create_task(_save(nc, database, changed, messages[-1]))
    await saving


async def _save(nc: Client, database: Database, documents: Written, last: Msg) -> None:
    await database.save(documents, _sequence(last))
    await nc.publish(last.reply, b"+ACK")


def fold(messages: Iterable[Msg], documents: dict[str, Document]) -> Written:
    """Apply events to the documents; answers what has changed."""
    changed: Written = {}
    for message in messages:
        event = json.loads(message.data)
        data, version = event["data"], event["version"]
        key = data["device_id"]
        if event["type"] == "provisioning.v1.DeviceCreated":
            document = {
                "id": key,
                "version": version,
                "name": data["name"],
                "contact_id": data["contact_id"],
                "sip_account_ids": data["sip_account_ids"],
                "revision": 1,
            }
        else:
            document = {**documents[key], "version": version, "revision": data["revision"]}
        documents[key] = document
        changed[key] = document, _sequence(message)
    return changed


def _sequence(message: Msg) -> int:
    return int(message.reply.split(".")[5])
