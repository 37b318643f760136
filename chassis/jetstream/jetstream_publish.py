"""Publishes to a stream under guard: one message alone, several as one atomic batch."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nats.aio.msg import Msg

from chassis.cause import new_id
from chassis.event_store import Conflict, StoreUnavailable
from chassis.jetstream.nats_inbox import Answer, Inbox, NoAnswer, check_responders

_WRONG_LAST_SEQUENCE = {10071, 10164}
_DUPLICATE_IN_BATCH = 10201
_INCOMPLETE_BATCH = 10176
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be stored on a subject."""

    subject: str
    payload: bytes
    headers: dict[str, str]


def guarded(sequence: int, subject: str | None = None) -> dict[str, str]:
    """Refuse the message unless `sequence` is the last on `subject` (its own if None)."""
    headers = {"Nats-Expected-Last-Subject-Sequence": str(sequence)}
    if subject:
        headers["Nats-Expected-Last-Subject-Sequence-Subject"] = subject
    return headers


class Publisher:
    """Stores messages and waits until the broker has them."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def publish(self, messages: Sequence[Message]) -> int:
        """Store all or none; answer the sequence of the last.

        An unknown outcome is resolved by sending the same messages again: guards and message ids
        keep them from being stored twice. Raises `Conflict`, `StoreUnavailable`.
        """
        answer: Answer[Msg] = self._inbox.answer()
        # One reply subject for all attempts: the first that was carried out is the one to believe.
        with self._inbox.replies(answer.take) as reply:

            async def attempt() -> int:
                await self._send(messages, reply)
                return _sequence(await answer.get())

            return await self._inbox.persist(attempt)

    async def _send(self, messages: Sequence[Message], reply: str) -> None:
        *others, last = messages if len(messages) == 1 else _batch(messages)
        for message in others:
            await self._inbox.nc.publish(message.subject, message.payload, headers=message.headers)
        await self._inbox.nc.publish(last.subject, last.payload, reply, last.headers)


def _batch(messages: Sequence[Message]) -> Iterator[Message]:
    # A new id per attempt: the server may still be waiting for the rest of an earlier one.
    batch_id = new_id()
    for number, message in enumerate(messages, 1):
        headers = {"Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(number)}
        if number == len(messages):
            headers["Nats-Batch-Commit"] = "1"
        yield Message(message.subject, message.payload, message.headers | headers)


def _sequence(answer: Msg) -> int:
    acknowledged = json.loads(check_responders(answer).data)
    if error := acknowledged.get("error"):
        raise _refusal(error["code"], error.get("err_code", 0), error["description"])
    sequence: int = acknowledged["seq"]
    return sequence


def _refusal(status: int, code: int, description: str) -> Exception:
    if code in _WRONG_LAST_SEQUENCE or code == _DUPLICATE_IN_BATCH:
        return Conflict(description)
    if code == _INCOMPLETE_BATCH or status >= _SERVER_ERROR:
        return NoAnswer(description)
    return StoreUnavailable(
        f"The broker refused to store this ({code}: {description}). Nothing was recorded. "
        "Run `switchboard setup`, then try again."
    )
