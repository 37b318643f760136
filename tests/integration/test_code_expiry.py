"""A code that is not used expires at its time, once, whoever looks and however late."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import EventStore, Recorded
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection
from chassis.keyring import Keyring
from chassis.testing.foreign_log import project
from chassis.testing.nats_server import RunningNats
from chassis.testing.read_models import MemoryReadModelStore
from services.activation.claims import claims_of
from services.activation.codes import Codes
from services.activation.domain.activation import activation
from services.activation.domain.aggregates import activation_of
from services.activation.domain.commands import IssueCode, NewCode
from services.activation.expiring import AT_ONCE, Expiring
from services.activation.live_codes import LIVE_CODES
from services.activation.projections import projections
from tests.integration.activation_scene import ACTIVATION, Installation

pytest_plugins = ["chassis.testing.nats_fixtures", "tests.integration.activation_fixtures"]

EXPIRED = "ActivationCodeExpired"


async def look(here: Installation) -> None:
    """What the projector and the rounds of a worker do."""
    await project(here.service.projections, here.read_models, here.store.all())
    (rounds,) = here.service.rounds
    while await rounds.go():
        pass


async def test_d6_i18_a_code_expires_at_its_time_though_nobody_comes_across_it(
    here: Installation,
) -> None:
    here.clock.forward(days=7, seconds=-1)
    await look(here)
    assert here.events(EXPIRED) == []
    here.clock.forward(seconds=1)
    await look(here)
    (expired,) = here.events(EXPIRED)
    assert (expired["generation"], expired["expired_at"]) == (1, "2026-05-10T12:00:00Z")
    assert (await here.get(ACTIVATION)).json()["status"] == "expired"


async def test_whoever_comes_across_it_first_says_it_and_nobody_else(here: Installation) -> None:
    here.clock.forward(days=8)
    await here.get(ACTIVATION)
    for _ in range(2):
        await look(here)
    assert len(here.events(EXPIRED)) == 1


async def test_a_code_that_was_used_or_replaced_does_not_expire(here: Installation) -> None:
    first = await here.code()
    await here.post(f"{ACTIVATION}/reissue")
    here.clock.forward(days=1)
    await here.activate((await here.get(ACTIVATION)).json()["code"])
    here.clock.forward(days=30)
    await look(here)
    assert first
    assert here.events(EXPIRED) == []
    assert await here.read_models.get(LIVE_CODES, "_", "d1") is None


async def test_a_read_model_that_is_behind_makes_nothing_expire(here: Installation) -> None:
    await project(here.service.projections, here.read_models, here.store.all())
    here.clock.forward(days=1)
    await here.activate(await here.code())
    here.clock.forward(days=30)
    (rounds,) = here.service.rounds
    await rounds.go()
    assert here.events(EXPIRED) == []


async def test_after_a_long_stop_replicas_catch_up_together_and_say_everything_once(
    nats: RunningNats, clients: dict[str, Connection]
) -> None:
    await nats.wipe()
    codes, devices = Codes(Keyring.fresh()), 2 * AT_ONCE + 5
    now = datetime.now(UTC)
    async with nats.connected("activation") as other:
        stores = [
            JetStreamEventStore(nc, "activation", "ACTIVATION")
            for nc in (clients["activation"], other)
        ]
        for number in range(devices):
            await issue(stores[0], codes, f"d{number}", now - timedelta(days=number % 2 * 10))
        read_models = MemoryReadModelStore()
        await read_models.open(*(projection.model for projection in projections))
        await project(projections, read_models, await told(stores[0], devices))
        # The read model stays behind all the while, and the second day starts from nothing.
        for day in (1, 2):
            replicas = [
                Expiring(CommandHandler(store, claims_of), read_models, lambda: now)
                for store in stores
            ]
            await asyncio.gather(*(all_of(replica) for replica in replicas))
            names = [recorded.envelope.type for recorded in await told(stores[0], devices)]
            expired = sum(name.endswith(EXPIRED) for name in names)
            assert (day, expired) == (day, devices // 2)


async def all_of(expiring: Expiring) -> None:
    while await expiring.expire():
        pass


async def issue(store: EventStore, codes: Codes, device_id: str, expires_at: datetime) -> None:
    cause = Cause(new_id(), datetime.now(UTC), "ada", new_id())
    new = NewCode(codes.minting(device_id), expires_at + timedelta(days=7))
    intent = Intent(activation_of("acme", device_id), activation, IssueCode(device_id, 1, new))
    await CommandHandler(store, claims_of).handle(cause, intent)


async def told(store: EventStore, devices: int) -> Sequence[Recorded]:
    histories = await store.load(*(activation_of("acme", f"d{n}") for n in range(devices)))
    recorded = [one for history in histories for one in history.recorded]
    return sorted(recorded, key=lambda one: one.position.sequence)
