"""Questions from one service to another over NATS, and the answers to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from chassis.backoff import growing
from chassis.service import Answer, Ask

ANSWER_SECONDS = 5.0
TRIES_AT_NOBODY = 5
_REFUSED = "Switchboard-Refused"

_log = structlog.get_logger(__name__)


class NotAnswered(Exception):
    """Nobody answered, or the answer was that it cannot be given. Asking again may help."""


@asynccontextmanager
async def answering(nc: Client, service: str, answers: Mapping[str, Answer]) -> AsyncIterator[None]:
    """Answer these subjects until the block ends. Of several replicas, one answers each."""
    subscriptions = [
        await nc.subscribe(subject, queue=service, cb=_callback(nc, answer))
        for subject, answer in answers.items()
    ]
    await nc.flush()
    try:
        yield
    finally:
        for subscription in subscriptions:
            await subscription.unsubscribe()


def asking(nc: Client, seconds: float = ANSWER_SECONDS) -> Ask:
    """Ask other services over this connection. The function raises `NotAnswered`."""

    async def ask(subject: str, body: bytes) -> bytes:
        try:
            answer = await _request(nc, subject, body, seconds)
        except (NatsError, TimeoutError) as error:
            raise NotAnswered(f"{subject} was not answered: {type(error).__name__}.") from None
        if refused := (answer.headers or {}).get(_REFUSED):
            raise NotAnswered(f"{subject} could not be answered: {refused}.")
        return bytes(answer.data)

    return ask


async def _request(nc: Client, subject: str, body: bytes, seconds: float) -> Msg:
    # The broker says "nobody" for a moment while replicas come and go, though one is there.
    for tries in range(TRIES_AT_NOBODY - 1):
        try:
            return await nc.request(subject, body, timeout=seconds)
        except NoRespondersError:
            await asyncio.sleep(growing(tries, first=0.05, longest=0.5))
    return await nc.request(subject, body, timeout=seconds)


def _callback(nc: Client, answer: Answer) -> Callable[[Msg], Awaitable[None]]:
    async def called(question: Msg) -> None:
        try:
            await question.respond(await answer(question.data))
        except Exception as error:
            # Only the kind: the question or the answer may hold a code.
            _log.warning(
                "question_not_answered", subject=question.subject, kind=type(error).__name__
            )
            headers = {_REFUSED: type(error).__name__}
            await nc.publish(question.reply, b"", headers=headers)

    return called
