"""Many softphones try one code on several replicas, and replicas die: one wins, and wholly."""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection
from chassis.keyring import Keyring
from chassis.sealing import create_sealing_keys
from chassis.testing.nats_server import RunningNats
from chassis.testing.read_models import MemoryReadModelStore
from schemas.activation import DeviceActivated
from services.activation.claims import claims_of, holder_of, token_claim
from services.activation.codes import Codes
from services.activation.domain.aggregates import activation_of
from services.activation.issuing import Issuing
from services.activation.organizations import ORGANIZATIONS, Lifetimes
from tests.integration.exchange_replica import Orders

pytest_plugins = ["chassis.testing.nats_fixtures"]
pytestmark = pytest.mark.slow

REPLICAS, TRIES = 3, 201
MOST_STEPS = 40
AT_ONCE = 3


@dataclass
class World:
    """The log that all replicas share, and the keys they have in common."""

    nats: RunningNats
    store: JetStreamEventStore
    keys: Path

    async def orders(self, device_id: str) -> Orders:
        """For a device that has a code."""
        codes = Codes(Keyring.load(self.keys / "keyring.json"))
        read_models = MemoryReadModelStore()
        await read_models.open(ORGANIZATIONS)
        lifetimes = Lifetimes(read_models, timedelta(days=7))
        issuing = Issuing(CommandHandler(self.store, claims_of), codes, lifetimes)
        cause = Cause(new_id(), datetime.now(UTC), "test", new_id())
        issued = (await issuing.issue(cause, "acme", device_id, 1)).state
        return Orders(
            url=self.nats.url,
            seed=str(self.nats.server.seed("activation")),
            keys=str(self.keys),
            device_id=device_id,
            code=codes.derived(device_id, issued.generation, issued.key_id),
            installations=["phone"],
        )

    async def activated(self, device_id: str) -> list[DeviceActivated]:
        (history,) = await self.store.load(activation_of("acme", device_id))
        return [event for event in history.events if isinstance(event, DeviceActivated)]

    async def check(self, device_id: str) -> int:
        """How often the device was activated. An event and its claim stand or fall together."""
        events = await self.activated(device_id)
        for event in events:
            holder = await holder_of(self.store, token_claim(event.token_fingerprint))
            assert holder is not None
            assert holder.device_id == device_id
        return len(events)


@pytest.fixture
async def world(nats: RunningNats, clients: dict[str, Connection], tmp_path: Path) -> World:
    await nats.wipe()
    Keyring.create(tmp_path / "keyring.json")
    create_sealing_keys(tmp_path / "private.json", tmp_path / "public.json")
    store = JetStreamEventStore(clients["activation"], "activation", "ACTIVATION")
    return World(nats, store, tmp_path)


async def carried_out(orders: Orders) -> tuple[int, list[str]]:
    """The exit code of a replica, and the tokens it got."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.exchange_replica",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(orders.written().encode())
    # Log lines may come before the answer.
    return process.returncode or 0, json.loads(output.splitlines()[-1]) if output else []


async def test_i13_of_two_hundred_tries_on_three_replicas_exactly_one_wins(world: World) -> None:
    orders = await world.orders("d1")
    share = TRIES // REPLICAS
    names = [[f"phone-{n}-{i}" for i in range(share)] for n in range(REPLICAS)]
    done = await asyncio.gather(*(carried_out(replace(orders, installations=own)) for own in names))
    assert [code for code, _ in done] == [0] * REPLICAS
    tokens = [token for _, got in done for token in got]
    assert len(tokens) == TRIES
    assert len([token for token in tokens if token]) == 1
    assert await world.check("d1") == 1


async def test_a_replica_that_is_killed_at_any_step_leaves_no_half_exchange(world: World) -> None:
    activated_before: list[int] = []
    for step in range(1, MOST_STEPS, AT_ONCE):
        left = await asyncio.gather(*(killed(world, step + n) for n in range(AT_ONCE)))
        activated_before += [times for times in left if times is not None]
        if None in left:
            break
    assert set(activated_before) == {0, 1}
    assert 8 < len(activated_before) < MOST_STEPS


async def killed(world: World, step: int) -> int | None:
    """How often the device was activated when its replica died; None if it did not die."""
    orders = await world.orders(f"d{step}")
    code, _ = await carried_out(replace(orders, dies_at=step))
    if code == 0:
        return None
    assert code == -signal.SIGKILL
    times = await world.check(orders.device_id)
    both = replace(orders, installations=["phone", "another phone"], in_turn=True)
    _, (own, other) = await carried_out(both)
    assert own, f"the phone cannot repeat, killed at {step}"
    assert not other, f"somebody else won, killed at {step}"
    assert await world.check(orders.device_id) == times + 1
    return times
