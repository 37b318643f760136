"""Questions between services: answered by one replica, and never with the text of an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.rpc import NotAnswered, answering, asking
from chassis.service import Answer
from chassis.testing.nats_server import RunningNats

pytest_plugins = ["chassis.testing.nats_fixtures"]

SUBJECT = "rpc.activation.code"


@asynccontextmanager
async def serving(nc: Connection, answer: Answer) -> AsyncIterator[None]:
    async with answering(nc, "activation", {SUBJECT: answer}):
        yield


async def shout(question: bytes) -> bytes:
    return question.upper()


async def test_an_answer_comes_back_across_the_accounts(clients: dict[str, Connection]) -> None:
    async with serving(clients["activation"], shout):
        assert await asking(clients["notifier"])(SUBJECT, b"code?") == b"CODE?"


async def test_one_of_several_replicas_answers_each_question(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    asked: list[bytes] = []

    async def note(question: bytes) -> bytes:
        asked.append(question)
        return b"noted"

    ask = asking(clients["notifier"])
    async with (
        nats.connected("activation") as replica,
        serving(clients["activation"], note),
        serving(replica, note),
    ):
        await asyncio.gather(*(ask(SUBJECT, b"%d" % number) for number in range(20)))
    assert sorted(map(int, asked)) == list(range(20))


async def test_an_error_travels_as_its_kind_only(clients: dict[str, Connection]) -> None:
    async def fail(_: bytes) -> bytes:
        raise ValueError("the code is BCDF-GHJK-LMNP")

    async with serving(clients["activation"], fail):
        with pytest.raises(NotAnswered, match="ValueError") as refused:
            await asking(clients["notifier"])(SUBJECT, b"code?")
    assert "BCDF" not in str(refused.value)


async def test_a_replica_that_starts_while_it_is_asked_still_answers(
    clients: dict[str, Connection],
) -> None:
    ask = asking(clients["notifier"])
    asked = asyncio.ensure_future(ask(SUBJECT, b"code?"))
    await asyncio.sleep(0.02)
    async with serving(clients["activation"], shout):
        assert await asked == b"CODE?"


async def test_nobody_there_is_said_soon(clients: dict[str, Connection]) -> None:
    with pytest.raises(NotAnswered, match="NoResponders"):
        await asking(clients["notifier"])(SUBJECT, b"code?")


async def test_a_slow_answer_is_given_up(clients: dict[str, Connection]) -> None:
    async def sleep(_: bytes) -> bytes:
        await asyncio.sleep(1)
        return b"late"

    async with serving(clients["activation"], sleep):
        with pytest.raises(NotAnswered, match="Timeout"):
            await asking(clients["notifier"], 0.2)(SUBJECT, b"code?")


async def test_a_service_that_may_not_ask_gets_no_answer(clients: dict[str, Connection]) -> None:
    async with serving(clients["activation"], shout):
        with pytest.raises(NotAnswered):
            await asking(clients["sessions"], 0.5)(SUBJECT, b"code?")
