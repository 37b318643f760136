"""Requests over one shared subscription: answers are told apart by the last token."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Generic, TypeVar

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import (
    ConnectionClosedError,
    ConnectionDrainingError,
    OutboundBufferLimitError,
)

from chassis.backoff import growing
from chassis.event_store import StoreUnavailable

T = TypeVar("T")

PATIENCE_SECONDS = 15.0
ATTEMPT_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

_NO_RESPONDERS = "503"


class NoAnswer(Exception):
    """Nobody answered, or nobody could for now: asking again may help."""


class Answer(Generic[T]):
    """The first answer that comes in, whichever attempt it belongs to.

    nats-py waits for an answer with a task of its own, asyncio with a queue and a timeout: each
    costs as much as sending the request.
    """

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._next: asyncio.Future[T] = self._loop.create_future()

    def take(self, answer: T) -> None:
        """Keep the answer until somebody asks for it, unless there is one already."""
        if not self._next.done():
            self._next.set_result(answer)

    async def get(self) -> T:
        """Wait for an answer. Raises `NoAnswer` when none comes in time."""
        expected = self._next
        timer = self._loop.call_later(self._seconds, _give_up, expected)
        try:
            return await expected
        finally:
            timer.cancel()
            self._next = self._loop.create_future()


class Inbox:
    """Where the answers to all requests of one adapter arrive."""

    def __init__(self, nc: Client, patience: float = PATIENCE_SECONDS) -> None:
        self.nc = nc
        self._patience = patience
        self._prefix = f"{nc.new_inbox()}."
        self._opening = asyncio.Lock()
        self._open = False
        self._tokens = count(1)
        self._takers: dict[str, Callable[[Msg], None]] = {}

    def answer(self) -> Answer[T]:
        """A place for an answer, for which nobody waits longer than our patience."""
        return Answer(min(ATTEMPT_SECONDS, self._patience))

    @contextmanager
    def replies(self, take: Callable[[Msg], None]) -> Iterator[str]:
        """A reply subject whose messages `take` gets as long as the context lasts."""
        token = str(next(self._tokens))
        self._takers[token] = take
        try:
            yield self._prefix + token
        finally:
            del self._takers[token]

    async def ask(self, subject: str, payload: bytes = b"") -> Msg:
        """A request with one answer. Raises `StoreUnavailable`."""
        answer: Answer[Msg] = self.answer()

        async def attempt() -> Msg:
            with self.replies(answer.take) as reply:
                await self.nc.publish(subject, payload, reply)
                return check_responders(await answer.get())

        return await self.persist(attempt)

    async def persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Repeat an attempt that gets no answer, later and later. Raises `StoreUnavailable`."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience
        number = 0
        while True:
            try:
                await self._ready()
                return await attempt()
            except ConnectionClosedError as error:
                raise StoreUnavailable("The connection to NATS is closed for good.") from error
            except (NoAnswer, ConnectionDrainingError, OutboundBufferLimitError) as error:
                pause = growing(number, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
                if clock() + pause >= deadline:
                    raise StoreUnavailable(self._given_up(error)) from error
            await asyncio.sleep(pause)
            number += 1

    async def _ready(self) -> None:
        # What nats-py buffers while it reconnects would be sent long after we gave up.
        if not self.nc.is_connected and not self.nc.is_closed:
            raise NoAnswer("not connected to NATS")
        if not self._open:
            await self._subscribe()

    async def _subscribe(self) -> None:
        async with self._opening:
            if not self._open:
                await self.nc.subscribe(f"{self._prefix}*", cb=self._arrived)
                self._open = True

    async def _arrived(self, message: Msg) -> None:
        take = self._takers.get(message.subject[len(self._prefix) :])
        if take:
            take(message)

    def _given_up(self, error: Exception) -> str:
        return (
            f"The event log did not answer within {self._patience:g} s ({error}). Whether a "
            "change was recorded is not known: send the same request again."
        )


def check_responders(answer: Msg) -> Msg:
    """The answer itself. Raises `NoAnswer` if it only says that nobody listens."""
    if not answer.data and answer.headers and answer.headers.get("Status") == _NO_RESPONDERS:
        raise NoAnswer("JetStream is away, or this service may not use that subject")
    return answer


def _give_up(expected: "asyncio.Future[T]") -> None:
    if not expected.done():
        expected.set_exception(NoAnswer("no answer"))
