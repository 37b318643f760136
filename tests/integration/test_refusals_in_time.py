"""How long a refusal takes does not tell whether the code was ever a real one."""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler
from chassis.counters import LocalCounters
from chassis.edge import Edge
from chassis.event_store import INSTALLATION
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection
from chassis.keyring import Keyring
from chassis.sealing import Opener, create_sealing_keys
from chassis.testing.nats_server import RunningNats
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.vault import MemoryVault
from schemas.activation import Client
from services.activation.allowance import Allowance
from services.activation.budget import Budget
from services.activation.claims import claims_of
from services.activation.codes import Codes, Tokens
from services.activation.configurations import Configurations
from services.activation.domain.code import ALPHABET
from services.activation.domain.softphones import CodeNotAccepted
from services.activation.exchange import Caller, Exchange
from services.activation.issuing import Issuing
from services.activation.organizations import ORGANIZATIONS, Lifetimes
from services.activation.safe import Safe

pytest_plugins = ["chassis.testing.nats_fixtures"]
pytestmark = pytest.mark.nightly

SAMPLES = 2_000
AT_ONCE = 8
DEVICES = 60
LOWEST, HIGHEST = 0.45, 0.55


@pytest.fixture
async def exchange(nats: RunningNats, clients: dict[str, Connection], tmp_path: Path) -> Exchange:
    await nats.wipe()
    keyring = Keyring.fresh()
    create_sealing_keys(tmp_path / "private.json", tmp_path / "public.json")
    store = JetStreamEventStore(clients["activation"], "activation", "ACTIVATION")
    read_models = MemoryReadModelStore()
    await read_models.open(ORGANIZATIONS)
    tokens = Tokens(keyring)
    return Exchange(
        CommandHandler(store, claims_of),
        Codes(keyring),
        tokens,
        Configurations(read_models, Safe(MemoryVault(), Opener.load(tmp_path / "private.json"))),
        Budget(LocalCounters(), 10**6, 10**6, tokens.source, _now),
        Allowance("noted", LocalCounters(), 10**6, tokens.source, _now),
    )


async def dead_codes(exchange: Exchange) -> list[str]:
    """Codes of many devices: some expired, the others replaced by a later one."""
    read_models = MemoryReadModelStore()
    await read_models.open(ORGANIZATIONS)
    past = Cause(new_id(), _now() - timedelta(days=30), "test", new_id())
    issuing = Issuing(exchange.commands, exchange.codes, Lifetimes(read_models, timedelta(days=7)))
    codes = []
    for number in range(DEVICES):
        device_id = f"d{number}"
        issued = (await issuing.issue(past, "acme", device_id, 1)).state
        codes.append(exchange.codes.derived(device_id, issued.generation, issued.key_id))
        if number % 2:
            again = Cause(new_id(), _now(), "test", new_id())
            await issuing.reissue(again, "acme", device_id, None)
    return codes


async def seconds(exchange: Exchange, code: str) -> float:
    edge = Edge(Cause(new_id(), _now(), "anonymous", new_id()), INSTALLATION, new_id(), None, _now)
    caller = Caller("192.0.2.1", ("phone",), Client(), "json")
    began = time.perf_counter()
    with pytest.raises(CodeNotAccepted):
        await exchange.exchange(edge, code, caller)
    return time.perf_counter() - began


def auc(ones: Sequence[float], others: Sequence[float]) -> float:
    """How often one takes longer than another: a half means that they cannot be told apart."""
    ranked = sorted([(value, 1) for value in ones] + [(value, 0) for value in others])
    ranks = sum(rank for rank, (_, kind) in enumerate(ranked, 1) if kind)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def test_the_measure_tells_apart_what_differs() -> None:
    assert auc([2, 3, 4], [1, 1.5]) == 1.0
    assert auc([1.0, 4.0], [2.0, 3.0]) == 0.5


async def test_i32_a_dead_code_cannot_be_told_from_one_that_never_was_by_time(
    exchange: Exchange,
) -> None:
    dead, chance = await dead_codes(exchange), random.Random(7)  # noqa: S311 - the order of a test
    unknown = ["".join(chance.choices(ALPHABET, k=12)) for _ in dead]
    tries = [(number % 2, number // 2 % DEVICES) for number in range(SAMPLES)]
    chance.shuffle(tries)
    waiting = iter(tries)
    took: dict[int, list[float]] = {0: [], 1: []}

    async def try_on() -> None:
        for kind, number in waiting:
            code = (unknown, dead)[kind][number]
            took[kind].append(await seconds(exchange, code))

    await asyncio.gather(*(try_on() for _ in range(AT_ONCE)))
    assert len(took[0]) == len(took[1]) == SAMPLES // 2
    assert LOWEST < auc(took[1], took[0]) < HIGHEST


def _now() -> datetime:
    return datetime.now(UTC)
