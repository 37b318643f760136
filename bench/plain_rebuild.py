"""A bare loop that fills read models: `python -m bench.plain_rebuild <url> <seed> <folder>`.

It reads the same logs in overlapping pulls, decodes each event with our schemas, folds it with our
projections, and writes the same rows in a transaction per pull. It keeps every document in memory,
checks nothing, cannot go on after a crash, and nobody else may write. Prints what it read and how
long that took.
"""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel

from chassis.event_store import Position, Recorded
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.topology import Topology
from chassis.projection import Projection
from chassis.stores.sorting import sort_values
from chassis.stores.sqlite_schema import Table
from schemas.envelope import Envelope
from switchboard.catalogue import BLUEPRINTS
from switchboard.operations.projections import projections_of

PULL = 500
REQUEST = json.dumps({"batch": PULL, "expires": 20_000_000_000}).encode()

Address = tuple[str, str, str]
Kept = tuple[Any, dict[str, int]]


class Pulling:
    """Two pulls at a time on a consumer of its own."""

    def __init__(self, nc: Client, stream: str) -> None:
        self._nc = nc
        self._stream = stream
        self._messages: list[Msg] = []
        self._arrived = asyncio.Event()
        self._next = ""
        self._inbox = nc.new_inbox()

    async def start(self) -> int:
        """Send the first two; answers how many messages there are."""
        wanted = {"ack_policy": "none", "filter_subject": f"evt.{self._stream.lower()}.>"}
        body = {"stream_name": self._stream, "config": {**wanted, "mem_storage": True}}
        path = f"$JS.API.CONSUMER.CREATE.{self._stream}"
        answer = json.loads((await self._nc.request(path, json.dumps(body).encode())).data)
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{answer['name']}"
        await self._nc.subscribe(self._inbox, cb=self._receive, pending_bytes_limit=0)
        for _ in range(2):
            await self._nc.publish(self._next, REQUEST, self._inbox)
        waiting: int = answer["num_pending"]
        return waiting

    async def take(self) -> list[Msg]:
        """The next messages, at most a pull's."""
        await self._arrived.wait()
        taken, self._messages = self._messages[:PULL], self._messages[PULL:]
        if not self._messages:
            self._arrived.clear()
        await self._nc.publish(self._next, REQUEST, self._inbox)
        return taken

    async def _receive(self, message: Msg) -> None:
        if message.reply:
            self._messages.append(message)
            if len(self._messages) >= PULL or message.reply.endswith(".0"):
                self._arrived.set()


class Rows:
    """Tables like ours, written by a thread of their own."""

    def __init__(self, path: Path, projections: Iterable[Projection[Any]]) -> None:
        self.thread = ThreadPoolExecutor(1)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"):
            self._database.execute(pragma)
        self._tables = {one.model.name: Table(one.model, 1) for one in projections}
        for table in self._tables.values():
            self._database.execute(table.definition)

    def save(self, changed: Mapping[Address, Kept]) -> None:
        """Write documents, whatever stood there."""
        rows: dict[str, list[Sequence[Any]]] = {}
        for (model, organization, key), (document, positions) in changed.items():
            kinds, body = self._tables[model].kinds, None
            sorting: Sequence[Any] = [None] * len(kinds)
            if document is not None:
                sorting, body = sort_values(kinds, document), _text(document)
            row = (organization, key, *sorting, _text(positions), body)
            rows.setdefault(model, []).append(row)
        self._database.execute("BEGIN")
        for model, lines in rows.items():
            table = self._tables[model]
            places = ", ".join("?" * len(lines[0]))
            statement = f"INSERT OR REPLACE INTO {table.name} VALUES ({places})"  # noqa: S608  # made of identifiers
            self._database.executemany(statement, lines)
        self._database.execute("COMMIT")

    def finish(self) -> None:
        """Make the indexes, which is quickest at the end."""
        for table in self._tables.values():
            for statement in table.indexes():
                self._database.execute(statement)
        self._database.close()


def fold(
    stream: str,
    messages: Iterable[Msg],
    projections: Mapping[type, Sequence[Projection[Any]]],
    documents: dict[Address, Kept],
) -> dict[Address, Kept]:
    """Apply events to the documents; answers what has changed."""
    changed: dict[Address, Kept] = {}
    for message in messages:
        recorded = _read(stream, message)
        event: Any = recorded.event
        for projection in projections.get(type(event), ()):
            key = projection.keys[type(event)](event)
            address = projection.model.name, projection.organization(recorded), key
            document, positions = documents.get(address, (None, {}))
            now = projection.project(document, recorded)
            kept = now, {**positions, stream: recorded.position.sequence}
            documents[address] = changed[address] = kept
    return changed


def _read(stream: str, message: Msg) -> Recorded:
    sequence = int(message.reply.split(".")[5])
    envelope = Envelope.model_validate_json(message.data)
    return Recorded(envelope, Position(stream.lower(), sequence))


async def fill(nc: Client, service: str, folder: Path) -> int:
    """Fill all read models of a service; answers how many events it read for that."""
    projections = projections_of(service)
    by_event: dict[type, list[Projection[Any]]] = {}
    for projection in projections:
        for kind in projection.keys:
            by_event.setdefault(kind, []).append(projection)
    rows, read = Rows(folder / f"{service}.sqlite", projections), 0
    documents: dict[Address, Kept] = {}
    for durable in Topology.load().durables_of(service):
        if durable.kind == "projector":
            read += await _follow(nc, durable.stream, by_event, documents, rows)
    await _in(rows, rows.finish)
    rows.thread.shutdown()
    return read


async def _follow(
    nc: Client,
    stream: str,
    projections: Mapping[type, Sequence[Projection[Any]]],
    documents: dict[Address, Kept],
    rows: Rows,
) -> int:
    pulling = Pulling(nc, stream)
    waiting, read = await pulling.start(), 0
    saving = asyncio.ensure_future(asyncio.sleep(0))
    while read < waiting:
        messages = await pulling.take()
        read += len(messages)
        changed = fold(stream, messages, projections, documents)
        await saving
        saving = asyncio.ensure_future(_in(rows, rows.save, changed))
    await saving
    return read


async def _in(rows: Rows, work: Any, *arguments: Any) -> None:
    await asyncio.get_running_loop().run_in_executor(rows.thread, work, *arguments)


def _text(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic", enc_hook=_written).decode()


def _written(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise NotImplementedError


async def main(url: str, seed: Path, folder: Path, *services: str) -> None:
    """Fill the read models of every service, one after the other."""
    nc = await connect(url, "ops", seed)
    began, read = time.perf_counter(), 0
    for service in services or BLUEPRINTS:
        read += await fill(nc, service, folder)
    print(json.dumps({"read": read, "seconds": time.perf_counter() - began}))
    await nc.close()


if __name__ == "__main__":
    Path(sys.argv[3]).mkdir(parents=True)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:]))
