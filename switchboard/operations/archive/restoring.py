"""Fills a stream message by message, each at its old place, while nobody else can write to it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.cause import new_id
from chassis.event_store import StoreUnavailable
from chassis.jetstream.incarnation import INCARNATION_KEY
from chassis.jetstream.jetstream_config import Config, stream_config
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.topology_file import Stream
from schemas.envelope import CONTENT_TYPE
from switchboard.operations.archive.segments import Line

BATCH = 1000
PATIENCE_SECONDS = 60.0
RESTORING_KEY, RESTORED_KEY = "switchboard-restoring", "switchboard-restored"
_API = "$JS.API"
_NOT_FOUND = 404
_ALREADY_GONE = 10043


class CannotRestore(Exception):
    """The broker holds something already, or refused. The text says what to do."""


class Restoring:
    """One stream that is being restored, as the NATS user `setup`.

    Until `finish` it takes messages under `restore.` only, so that no service can append between.
    """

    def __init__(self, nc: Client, stream: Stream, archived_at: str) -> None:
        self._nc = nc
        self._inbox = Inbox(nc, PATIENCE_SECONDS)
        self._stream = stream
        self._archived_at = archived_at
        self._last = 0

    async def begin(self, incarnation: str | None) -> int | None:
        """Make the stream, or go on with it. Answers up to where it is filled; None: all is done.

        Raises `CannotRestore`.
        """
        info = await self._asked(f"STREAM.INFO.{self._stream.name}")
        metadata = (info["config"].get("metadata") or {}) if info else {}
        if metadata.get(RESTORED_KEY) == self._archived_at:
            return None
        if info is not None and RESTORING_KEY not in metadata:
            if info["state"]["last_seq"]:
                raise CannotRestore(
                    f"Stream {self._stream.name} holds {info['state']['messages']} messages up to "
                    f"{info['state']['last_seq']}. An archive is restored into an empty broker "
                    "only. If this one is broken, keep a copy of its files, delete the stream, and "
                    "run this again."
                )
            await self._asked(f"STREAM.DELETE.{self._stream.name}")
            info = None
        if info is None:
            await self._asked(f"STREAM.CREATE.{self._stream.name}", self._config(incarnation))
        self._last = info["state"]["last_seq"] if info else 0
        return self._last

    async def put(self, lines: Sequence[Line]) -> None:
        """Store messages, each at its sequence. Raises `CannotRestore`, `StoreUnavailable`."""
        batch: list[tuple[str, bytes]] = []
        gaps: list[int] = []
        for line in lines:
            missing = range(self._last + len(batch) + 1, line.seq)
            gaps += missing
            batch += [(f"{self._spare}.{sequence}", b"") for sequence in missing]
            batch.append((line.subject, line.payload))
        for start in range(0, len(batch), BATCH):
            await self._store(batch[start : start + BATCH])
        for sequence in gaps:
            await self.remove(sequence)

    async def add(self, lines: Iterable[Line]) -> None:
        """Store messages wherever they come to stand."""
        for line in lines:
            await self._inbox.ask(f"restore.{line.subject}", line.payload)

    async def remove(self, sequence: int) -> None:
        """Leave nothing at a sequence."""
        await self._asked(f"STREAM.MSG.DELETE.{self._stream.name}", {"seq": sequence})

    async def finish(self) -> None:
        """From now on services can write to it."""
        info = await self._asked(f"STREAM.INFO.{self._stream.name}")
        metadata = dict(info["config"]["metadata"]) if info else {}
        metadata.pop(RESTORING_KEY, None)
        metadata[RESTORED_KEY] = self._archived_at
        wanted = {**stream_config(self._stream), "metadata": metadata}
        await self._asked(f"STREAM.UPDATE.{self._stream.name}", wanted)

    @property
    def _spare(self) -> str:
        """A subject for what only keeps a place until it is removed."""
        return self._stream.subjects[-1].replace(">", "_.gap")

    def _config(self, incarnation: str | None) -> Config:
        metadata = {RESTORING_KEY: "1"}
        if incarnation:
            metadata[INCARNATION_KEY] = incarnation
        return {
            **stream_config(self._stream),
            "subjects": [f"restore.{subject}" for subject in self._stream.subjects],
            "subject_transform": {"src": "restore.>", "dest": ">"},
            # Nobody is told again what happened long ago.
            "republish": None,
            "metadata": metadata,
        }

    async def _store(self, batch: Sequence[tuple[str, bytes]]) -> None:
        *others, (subject, body) = batch
        headers = {"Nats-Batch-Id": new_id()}
        for number, (other, content) in enumerate(others, 1):
            own = headers | _content_type(other) | {"Nats-Batch-Sequence": str(number)}
            await self._nc.publish(f"restore.{other}", content, headers=own)
        last = {"Nats-Batch-Sequence": str(len(batch)), "Nats-Batch-Commit": "1"}
        try:
            answer = await self._nc.request(
                f"restore.{subject}",
                body,
                headers=headers | _content_type(subject) | last,
                timeout=PATIENCE_SECONDS,
            )
        except (NatsError, TimeoutError) as failure:
            raise StoreUnavailable("The broker went away. Run the same command again.") from failure
        told = json.loads(answer.data)
        if error := told.get("error"):
            raise CannotRestore(f"{self._stream.name}: the broker refused: {error['description']}.")
        self._last += len(batch)
        if told["seq"] != self._last:
            raise CannotRestore(
                f"{self._stream.name}: a message came to stand at {told['seq']} instead of "
                f"{self._last}. Something else writes to the stream: stop it, delete the stream, "
                "and run this again."
            )

    async def _asked(self, path: str, body: Any = None) -> Config | None:
        payload = json.dumps(body).encode() if body else b""
        answer: Config = json.loads((await self._inbox.ask(f"{_API}.{path}", payload)).data)
        error = answer.get("error")
        if error is None:
            return answer
        if error["code"] == _NOT_FOUND or error.get("err_code") == _ALREADY_GONE:
            return None
        raise CannotRestore(f"{self._stream.name}: the broker refused: {error['description']}.")


def _content_type(subject: str) -> dict[str, str]:
    return {"content-type": CONTENT_TYPE} if subject.startswith("evt.") else {}
