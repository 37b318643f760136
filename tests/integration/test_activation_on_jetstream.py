"""Activation's limits and its view of the past, with its own rights on a real broker."""

import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Decider, Unknown
from chassis.event_store import Aggregate
from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection
from chassis.keyring import Keyring
from chassis.testing.nats_server import RunningNats
from schemas.event import Event
from services.activation.budget import Budget, TooManyTries
from services.activation.codes import Tokens
from services.activation.past import Past
from tests.integration.activation_scene import ACCOUNT, CREATED, PROVIDER, SECRET, revision

pytest_plugins = ["chassis.testing.nats_fixtures"]

PER_ADDRESS, IN_ALL = 10, 600
MINUTE = datetime(2026, 5, 3, 12, tzinfo=UTC)

told: Decider[Event, None, Event] = Decider(None, lambda event, _: [event], lambda _, __: None)


@pytest.fixture(autouse=True)
async def _empty_streams(nats: RunningNats) -> None:
    await nats.wipe()


async def test_of_ten_thousand_guesses_from_a_hundred_addresses_the_budget_passes(
    nats: RunningNats,
) -> None:
    digest = Tokens(Keyring.fresh()).source
    passed = count()

    async def guesses(budget: Budget, address: str) -> None:
        for _ in range(100):
            try:
                spent = await budget.spend(address)
            except TooManyTries:
                continue
            await budget.keep(spent)
            if not spent.spare:
                next(passed)

    async with (
        nats.connected("activation") as first,
        nats.connected("activation") as second,
        nats.connected("activation") as third,
    ):
        budgets = [
            Budget(JetStreamCounters(nc, "activation"), PER_ADDRESS, IN_ALL, digest, lambda: MINUTE)
            for nc in (first, second, third)
        ]
        addresses = [f"192.0.2.{n}" for n in range(100)]
        await asyncio.gather(*(guesses(budgets[n % 3], a) for n, a in enumerate(addresses)))
    assert next(passed) == IN_ALL


async def test_d2_the_past_is_read_from_provisioning_with_activations_own_rights(
    clients: dict[str, Connection],
) -> None:
    provisioning = CommandHandler(
        JetStreamEventStore(clients["provisioning"], "provisioning", "PROVISIONING")
    )

    async def happens(event: Event) -> None:
        aggregate = Aggregate("provisioning", "acme", event.aggregate, event.aggregate_id)
        cause = Cause(new_id(), datetime.now(UTC), "ada", new_id())
        await provisioning.handle(cause, Intent(aggregate, told, event))

    for event in (PROVIDER, ACCOUNT, SECRET, CREATED):
        await happens(event)
    await asyncio.sleep(0.05)
    before = datetime.now(UTC)
    await asyncio.sleep(0.05)
    await happens(ACCOUNT.model_copy(update={"username": "2002"}))
    await happens(revision(2))
    nc = clients["activation"]
    past = Past(lambda name: JetStreamEventStore(nc, name, name.upper()))
    then = (await past.at("acme", "d1", before)).configuration
    now = (await past.at("acme", "d1", datetime.now(UTC))).configuration
    usernames = [one.slots[0].username for one in (then, now) if one.slots[0]]
    assert (then.revision, now.revision, usernames) == (1, 2, ["1001", "2002"])
    with pytest.raises(Unknown):
        await past.at("other", "d1", datetime.now(UTC))
