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
from chassis.testing.read_models import MemoryReadModelStore
from schemas.event import Event
from services.activation.budget import Budget, TooManyTries
from services.activation.codes import Tokens
from services.activation.guests import SITTINGS
from services.activation.past import Past
from services.activation.past_guests import PastGuests
from tests.integration.activation_scene import ACCOUNT, CREATED, PROVIDER, SECRET, revision

pytest_plugins = ["chassis.testing.nats_fixtures"]

PER_ADDRESS, IN_ALL = 10, 600
MINUTE = datetime(2026, 5, 3, 12, tzinfo=UTC)

told: Decider[tuple[Event, ...], None, Event] = Decider(
    None, lambda events, _: events, lambda _, __: None
)


class Provisioning:
    """Publishes whatever it is told to, with its own rights."""

    def __init__(self, clients: dict[str, Connection]) -> None:
        store = JetStreamEventStore(clients["provisioning"], "provisioning", "PROVISIONING")
        self.commands = CommandHandler(store)

    async def publishes(self, *events: Event) -> None:
        kind, one = events[0].aggregate, events[0].aggregate_id
        cause = Cause(new_id(), datetime.now(UTC), "ada", new_id())
        aggregate = Aggregate("provisioning", "acme", kind, one)
        await self.commands.handle(cause, Intent(aggregate, told, events))


async def past(nc: Connection) -> Past:
    """The past as activation sees it with its own rights; nobody has a hot desk."""
    read_models = MemoryReadModelStore()
    await read_models.open(SITTINGS)
    return Past(lambda name: JetStreamEventStore(nc, name, name.upper()), PastGuests(read_models))


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
    provisioning = Provisioning(clients)
    for event in (PROVIDER, ACCOUNT, SECRET, CREATED):
        await provisioning.publishes(event)
    await asyncio.sleep(0.05)
    before = datetime.now(UTC)
    await asyncio.sleep(0.05)
    await provisioning.publishes(ACCOUNT.model_copy(update={"username": "2002"}))
    await provisioning.publishes(revision(2))
    seen = await past(clients["activation"])
    then = (await seen.at("acme", "d1", before)).configuration
    now = (await seen.at("acme", "d1", datetime.now(UTC))).configuration
    usernames = [one.slots[0].username for one in (then, now) if one.slots[0]]
    assert (then.revision, now.revision, usernames) == (1, 2, ["1001", "2002"])
    with pytest.raises(Unknown):
        await seen.at("other", "d1", datetime.now(UTC))


async def test_d2_the_past_of_a_device_with_thousands_of_changes_can_be_read_too(
    clients: dict[str, Connection],
) -> None:
    provisioning = Provisioning(clients)
    for event in (PROVIDER, ACCOUNT, SECRET):
        await provisioning.publishes(event)
    await provisioning.publishes(CREATED, *(revision(number) for number in range(2, 900)))
    await asyncio.sleep(0.05)
    before = datetime.now(UTC)
    await asyncio.sleep(0.05)
    await provisioning.publishes(*(revision(number) for number in range(900, 1800)))
    seen = await past(clients["activation"])
    then = (await seen.at("acme", "d1", before)).configuration
    now = (await seen.at("acme", "d1", datetime.now(UTC))).configuration
    assert (then.revision, now.revision) == (899, 1799)
    assert not clients["activation"].permission_violations
