"""Whoever uses an Idempotency-Key first decides what it stands for, for a day."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from chassis.idempotency import KeyReused, Reservation, Reservations
from chassis.jetstream.jetstream_reservations import STREAM, JetStreamReservations
from chassis.keyring import Keyring
from chassis.testing.eventually import eventually
from chassis.testing.idempotency import KEPT, MemoryReservations
from chassis.testing.nats_server import RunningNats
from chassis.testing.notes import NOON, SERVICE

pytest_plugins = ["chassis.testing.nats_fixtures"]

FIRST = Reservation("command-1", "device-1", NOON + timedelta(microseconds=1))
SECOND = Reservation("command-2", "device-2", NOON)


@dataclass
class Keys:
    """Reservations, and a way to let a day go by."""

    reservations: Reservations
    a_day_goes_by: Callable[[], Awaitable[None]]

    async def reserve(
        self,
        proposal: Reservation,
        *,
        organization: str = "acme",
        scope: str = "POST /devices",
        key: str = "k 1",
        fingerprint: str = "aa",
    ) -> Reservation:
        return await self.reservations.reserve(organization, scope, key, fingerprint, proposal)


@pytest.fixture(params=["memory", "jetstream"])
async def keys(request: pytest.FixtureRequest, nats: RunningNats) -> AsyncIterator[Keys]:
    if request.param == "memory":
        now = [NOON]

        async def wait() -> None:
            now[0] += KEPT

        yield Keys(MemoryReservations(lambda: now[0]), wait)
        return
    await nats.wipe()
    digest = partial(Keyring.fresh().fingerprint, "idempotency")
    async with nats.connected(SERVICE) as nc:
        yield Keys(JetStreamReservations(nc, SERVICE, digest), partial(shorten_the_day, nats))


async def shorten_the_day(nats: RunningNats) -> None:
    async with nats.connected("setup") as admin:
        js = admin.jetstream()
        config = (await js.stream_info(STREAM)).config
        assert config.max_age == KEPT.total_seconds()
        await js.update_stream(config.evolve(max_age=0.1, duplicate_window=0.1))

        async def forgotten() -> bool:
            return (await js.stream_info(STREAM)).state.messages == 0

        await eventually(forgotten)


async def test_a_new_key_stands_for_what_was_proposed(keys: Keys) -> None:
    assert await keys.reserve(FIRST) == FIRST


async def test_a_used_key_stands_for_what_was_proposed_first(keys: Keys) -> None:
    await keys.reserve(FIRST)
    assert [await keys.reserve(SECOND), await keys.reserve(SECOND)] == [FIRST, FIRST]


async def test_a_used_key_is_refused_for_another_request(keys: Keys) -> None:
    await keys.reserve(FIRST)
    with pytest.raises(KeyReused, match="new key"):
        await keys.reserve(SECOND, fingerprint="bb")
    assert await keys.reserve(SECOND) == FIRST


@pytest.mark.parametrize(
    "elsewhere", [{"organization": "other"}, {"scope": "POST /contacts"}, {"key": "k 2"}]
)
async def test_the_same_key_elsewhere_is_another_key(keys: Keys, elsewhere: dict[str, str]) -> None:
    await keys.reserve(FIRST)
    assert await keys.reserve(SECOND, **elsewhere) == SECOND


async def test_of_two_at_once_both_get_the_same(keys: Keys) -> None:
    for number in range(20):
        answers = await asyncio.gather(*(keys.reserve(p, key=str(number)) for p in (FIRST, SECOND)))
        assert answers[0] == answers[1]


async def test_a_key_is_forgotten_after_a_day(keys: Keys) -> None:
    await keys.reserve(FIRST)
    await keys.a_day_goes_by()
    assert await keys.reserve(SECOND, fingerprint="bb") == SECOND
