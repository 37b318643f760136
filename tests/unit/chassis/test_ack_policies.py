"""Every subscriber states its ack policy: FastStream's default drops an event that raised once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from faststream import AckPolicy
from faststream.nats.subscriber.usecases import PullStreamSubscriber
from nats.aio.client import Client
from prometheus_client import CollectorRegistry

from chassis.observing.worker_metrics import WorkerMetrics
from chassis.testing.notes import NoteWritten
from chassis.workers.react import Reactor

ROOT = Path(__file__).parents[3]
SOURCES = [
    path
    for package in ("chassis", "services", "switchboard")
    for path in (ROOT / package).rglob("*.py")
]


def subscribers(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="subscriber")):
                yield node


def silent(source: str) -> list[int]:
    return [
        call.lineno
        for call in subscribers(source)
        if not any(word.arg == "ack_policy" for word in call.keywords)
    ]


def test_every_subscriber_in_the_code_states_its_ack_policy() -> None:
    found = {path: path.read_text() for path in SOURCES}
    assert {str(path): silent(text) for path, text in found.items() if silent(text)} == {}
    assert any(list(subscribers(text)) for text in found.values())


@pytest.mark.parametrize("call", ['broker.subscriber("a")', 'broker.subscriber("a", stream=s)'])
def test_a_subscriber_without_an_ack_policy_is_found(call: str) -> None:
    assert silent(f"@{call}\nasync def handle(): ...") == [1]


def test_reactions_are_acknowledged_by_hand_and_one_at_a_time() -> None:
    async def react(_: object) -> None: ...

    metrics = WorkerMetrics(CollectorRegistry())
    reactor = Reactor(Client(), "activation", "PROVISIONING", {NoteWritten: react}, metrics)
    (subscriber,) = reactor.broker.subscribers
    assert isinstance(subscriber, PullStreamSubscriber)
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert (subscriber.pull_sub.batch_size, subscriber.stream.declare) == (1, False)
