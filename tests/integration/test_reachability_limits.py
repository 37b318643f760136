"""Replicas on a real broker count tests of SIP servers together."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.keyring import Keyring
from chassis.testing.nats_server import RunningNats
from services.provisioning.domain.provider import Provider
from services.provisioning.reachability import PER_MINUTE, ReachabilityTest, TooManyTests

pytest_plugins = ["chassis.testing.nats_fixtures"]

NOBODY_LISTENS = 9


async def test_three_replicas_have_one_budget_per_address(nats: RunningNats) -> None:
    keyring, noon = Keyring.fresh(), datetime(2026, 5, 3, 12, tzinfo=UTC)
    provider = Provider("Telecom", "127.0.0.1", NOBODY_LISTENS, None, None, False)
    async with AsyncExitStack() as stack:
        replicas = [
            ReachabilityTest(
                True,
                lambda: noon,
                JetStreamCounters(
                    await stack.enter_async_context(nats.connected("provisioning")), "provisioning"
                ),
                keyring,
                allowed=(ip_network("127.0.0.0/8"),),
                ports=(NOBODY_LISTENS,),
            )
            for _ in range(3)
        ]
        for number in range(PER_MINUTE):
            assert await replicas[number].of(f"org{number}", provider, "tcp") == "refused"
        with pytest.raises(TooManyTests):
            await replicas[2].of("another", provider, "tcp")
