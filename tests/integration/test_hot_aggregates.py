"""Several replicas change the same thing at the same time: every command is carried out."""

import asyncio
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Aggregate
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.nats_server import RunningNats
from schemas.provisioning import Email
from services.provisioning.domain.aggregates import contact_of, device_of, provider_of
from services.provisioning.domain.contact import AddContact, contact
from services.provisioning.domain.device import CreateDevice, device
from services.provisioning.domain.provider import AddProvider, provider
from services.provisioning.uses import use_claim, uses_of
from tests.integration.provisioning_replica import DEVICE, ORGANIZATION, PROVIDER, added

pytest_plugins = ["chassis.testing.nats_fixtures"]

REPLICAS, COMMANDS = 3, 32


async def test_three_replicas_with_many_commands_each_all_succeed(nats: RunningNats) -> None:
    await nats.wipe()
    async with nats.connected("provisioning") as nc:
        store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
        await _prepare(store)
        outcomes = await _race(nats)
        (history,) = await store.load(device_of(ORGANIZATION, DEVICE))
        (uses,) = await store.claims(use_claim(ORGANIZATION, "provider", PROVIDER))
    assert outcomes == {"done": REPLICAS * COMMANDS * 2}
    facts: tuple[Any, ...] = history.events
    state = device.fold(facts)
    assert state
    assert state.revision == 1 + REPLICAS * COMMANDS, "no revision is lost, none is counted twice"
    assert uses.holder == f"users:{1 + REPLICAS * COMMANDS}"


async def _prepare(store: JetStreamEventStore) -> None:
    commands = CommandHandler(store, uses_of=uses_of)
    email = Email(email_id="e1", address="ada@example.com", label="work")
    person = AddContact("c1", "Ada", "Lovelace", (email,))
    account = added()
    phone = CreateDevice(DEVICE, "c1", True, "Laptop", (account.aggregate.id,))

    async def do(aggregate: Aggregate, decider: Any, command: object) -> None:
        cause = Cause(new_id(), datetime.now(UTC), "somebody", "preparation")
        await commands.handle(cause, Intent(aggregate, decider, command))

    await do(provider_of(ORGANIZATION, PROVIDER), provider, AddProvider(PROVIDER, "T", "sip.test"))
    await do(contact_of(ORGANIZATION, "c1"), contact, person)
    await do(account.aggregate, account.decider, account.command)
    await do(device_of(ORGANIZATION, DEVICE), device, phone)


async def _race(nats: RunningNats) -> Counter[str]:
    seed = str(nats.server.seed("provisioning"))
    arguments = (nats.url, seed, str(COMMANDS))
    replicas = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.integration.provisioning_replica", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(REPLICAS)
    ]
    for replica in replicas:
        assert replica.stdout
        assert await replica.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(replica.communicate(b"go\n") for replica in replicas))
    return Counter(outcome for answer, _ in answers for outcome in json.loads(answer))
