"""One replica of activation in a process of its own: it exchanges a code and says what came of it.

Run as `python -m tests.integration.exchange_replica`, with its orders as JSON on standard input.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from chassis.cause import Cause, new_id
from chassis.counters import LocalCounters
from chassis.edge import Edge
from chassis.event_store import (
    INSTALLATION,
    Aggregate,
    Change,
    Claim,
    ClaimChange,
    ClaimState,
    EventStore,
    History,
    Position,
)
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import connect
from chassis.keyring import Keyring
from chassis.sealing import Sealer, secret_context, secret_key
from chassis.service import Runtime
from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.vault import MemoryVault
from schemas.activation import Client
from services.activation.app import build
from services.activation.codes import Tokens
from services.activation.domain.softphones import CodeNotAccepted
from services.activation.exchange import Caller, Exchange
from services.activation.settings import Settings
from tests.integration.activation_scene import ACCOUNT, CREATED, PASSWORD, PROVIDER, SECRET

T = TypeVar("T")


@dataclass(frozen=True)
class Orders:
    """Exchange `code` as each of these installations, all at once or in turn; die at a step.

    Steps are counted from 1: before and after each call of the log.
    """

    url: str
    seed: str
    keys: str
    device_id: str
    code: str
    installations: Sequence[str]
    in_turn: bool = False
    dies_at: int = 0

    def written(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class MortalStore:
    """The log, through a process that is killed at a step."""

    store: EventStore
    dies_at: int
    step: int = 0

    def _survives(self) -> None:
        self.step += 1
        if self.step == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def _called(self, call: Awaitable[T]) -> T:
        self._survives()
        answer = await call
        self._survives()
        return answer

    async def load(
        self, *aggregates: Aggregate, until: datetime | None = None
    ) -> tuple[History, ...]:
        return await self._called(self.store.load(*aggregates, until=until))

    async def claims(self, *claims: Claim) -> tuple[ClaimState, ...]:
        return await self._called(self.store.claims(*claims))

    async def append(
        self, changes: Sequence[Change], claims: Sequence[ClaimChange] = ()
    ) -> Position:
        return await self._called(self.store.append(changes, claims))

    async def incarnation(self) -> str:
        return await self.store.incarnation()

    async def last_position(self) -> Position:
        return await self.store.last_position()


async def exchange_all(orders: Orders) -> list[str]:
    """The token each installation got, empty for those that were refused."""
    nc = await connect(orders.url, "activation", Path(orders.seed))
    store = MortalStore(JetStreamEventStore(nc, "activation", "ACTIVATION"), orders.dies_at)
    keys = Path(orders.keys)
    exchange = await _exchange(store, keys, orders.device_id)
    tokens = Tokens(Keyring.load(keys / "keyring.json"))

    async def one(installation: str) -> str:
        now = datetime.now(UTC)
        edge = Edge(Cause(new_id(), now, "anonymous", new_id()), INSTALLATION, new_id(), None, _now)
        known_as = tokens.installations("id", installation)
        caller = Caller("192.0.2.1", known_as, Client(), "json")
        try:
            return (await exchange.exchange(edge, orders.code, caller)).token
        except CodeNotAccepted:
            return ""

    try:
        if orders.in_turn:
            return [await one(installation) for installation in orders.installations]
        return list(await asyncio.gather(*map(one, orders.installations)))
    finally:
        await nc.close()


async def _exchange(store: EventStore, keys: Path, device_id: str) -> Exchange:
    read_models, vault = MemoryReadModelStore(), MemoryVault()
    settings = Settings(
        keyring=keys / "keyring.json",
        opening_keys=keys / "private.json",
        failed_tries_per_address=10_000,
        failed_tries_in_all=10_000,
    )
    runtime = Runtime(store, read_models, vault, _asks_nobody, counters=LocalCounters())
    service = build(runtime, settings)
    await read_models.open(*(projection.model for projection in service.projections))
    sealed = Sealer.load(keys / "public.json").seal(PASSWORD, secret_context("acme", "a1", 1))
    await vault.put(secret_key("acme", "a1", 1), sealed)
    created = CREATED.model_copy(update={"device_id": device_id})
    recorded = ForeignLog().record(PROVIDER, ACCOUNT, SECRET, created)
    await project(service.projections, read_models, recorded)
    exchange: Exchange = service.dependencies["exchange"]
    return exchange


async def _asks_nobody(subject: str, _: bytes) -> bytes:
    raise AssertionError(f"activation asked {subject}")


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(exchange_all(Orders(**json.loads(sys.stdin.read()))))))
