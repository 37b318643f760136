"""Reads from a stream by subject, many messages per request: JetStream's direct get."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from nats.aio.msg import Msg

from chassis.event_store import StoreUnavailable
from chassis.jetstream.nats_inbox import Answer, Inbox, NoAnswer, check_responders

MAX_SUBJECTS = 1024
"""More matching subjects are refused as a whole."""

_END, _NOTHING, _TOO_MANY = "204", "404", "413"


class TooManySubjects(Exception):
    """More than `MAX_SUBJECTS` match: ask for fewer at a time."""


class Stored(NamedTuple):
    """A message as it stands in the stream."""

    subject: str
    sequence: int
    payload: bytes


class DirectGet:
    """Messages of one stream, mostly the newest per subject."""

    def __init__(self, inbox: Inbox, api_prefix: str, stream: str) -> None:
        self._inbox = inbox
        self._subject = f"{api_prefix}.DIRECT.GET.{stream}"

    async def last(self, subject: str) -> Stored | None:
        """The newest message that matches the subject. Raises `StoreUnavailable`."""
        answer = await self._inbox.ask(f"{self._subject}.{subject}")
        if _status(answer) == _NOTHING:
            return None
        _check(answer)
        return _stored(answer)

    async def last_of_each(self, subjects: Iterable[str]) -> list[Stored]:
        """The newest message on every subject that matches one of these, in stream order.

        Raises `TooManySubjects`, `StoreUnavailable`.
        """
        wanted: dict[str, Any] = {"multi_last": list(subjects)}
        found: list[Stored] = []
        while True:
            *messages, end = await self._answers(json.dumps(wanted).encode())
            found += map(_stored, messages)
            if _pending(end) == 0:
                return found
            # The server ends an answer that grows too big: the rest, of the same moment.
            wanted["seq"] = found[-1].sequence + 1
            wanted["up_to_seq"] = int(_header(end, "Nats-UpTo-Sequence"))

    async def following(self, subject: str, start: int | datetime, limit: int) -> list[Stored]:
        """Up to `limit` messages that match the subject, from a sequence or a moment on.

        Raises `StoreUnavailable`.
        """
        wanted: dict[str, Any] = {"next_by_subj": subject, "batch": limit}
        if isinstance(start, datetime):
            wanted["start_time"] = start.astimezone(UTC).isoformat()
        else:
            wanted["seq"] = start
        *messages, _end = await self._answers(json.dumps(wanted).encode())
        return list(map(_stored, messages))

    async def _answers(self, request: bytes) -> list[Msg]:
        async def attempt() -> list[Msg]:
            messages: list[Msg] = []
            complete: Answer[list[Msg]] = self._inbox.answer()

            def take(message: Msg) -> None:
                messages.append(message)
                if _status(message):
                    complete.take(messages)

            with self._inbox.replies(take) as reply:
                await self._inbox.nc.publish(self._subject, request, reply)
                return _whole(await complete.get())

        return await self._inbox.persist(attempt)


def _status(message: Msg) -> str:
    return _header(message, "Status")


def _check(answer: Msg) -> None:
    status = _status(answer)
    if status == _TOO_MANY:
        raise TooManySubjects
    if status not in ("", _END, _NOTHING):
        raise StoreUnavailable(
            f"The broker refused to read the log ({status} {_header(answer, 'Description')}). "
            "It must be nats-server 2.15.1 or newer, set up by `switchboard setup`."
        )


def _whole(messages: list[Msg]) -> list[Msg]:
    end = messages[-1]
    check_responders(end)
    _check(end)
    if len(messages) > 1 and _pending(messages[0]) + 2 - _pending(end) != len(messages):
        raise NoAnswer("part of the answer was lost")
    return messages


def _pending(message: Msg) -> int:
    return int(_header(message, "Nats-Num-Pending") or 0)


def _stored(message: Msg) -> Stored:
    sequence = int(_header(message, "Nats-Sequence"))
    return Stored(_header(message, "Nats-Subject"), sequence, message.data)


def _header(message: Msg, name: str) -> str:
    return (message.headers or {}).get(name, "")
