"""The alerts on NATS, by what a real exporter tells of real servers in sickness and in health."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from nats.js.api import StreamConfig

from chassis.jetstream import nkeys
from chassis.testing.eventually import eventually
from tests.cluster.exporters import NAMING, Exporters, Seen, alerts, exporters, shapes
from tests.cluster.nodes import Cluster, cluster_of_three
from tests.deploy.test_monitoring import exported_by_nats

LONG, SHORT = 40, 10
"""Minutes for which the rules are shown health, then sickness: none waits for longer than LONG."""

_READS_NOTHING = """
import asyncio, os, pathlib, signal, sys
from chassis.jetstream.nats_connection import connect
async def main():
    nc = await connect(sys.argv[1], "setup", pathlib.Path(sys.argv[2]))
    await nc.subscribe("flood")
    await nc.flush()
    print("subscribed", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
asyncio.run(main())
"""


@dataclass
class Watched:
    """A cluster, what was seen of it in health, and what its alerts would be."""

    cluster: Cluster
    telling: Exporters
    healthy: Seen
    folder: Path

    async def until(self, wanted: Callable[[Seen], bool]) -> Seen:
        """What is seen once it is so."""
        seen: Seen = {}

        async def so() -> bool:
            nonlocal seen
            seen = await self.telling.seen()
            return wanted(seen)

        await eventually(so, 90)
        return seen

    def firing(self, seen: Seen, after: int = LONG) -> set[tuple[str, ...]]:
        """Names of the alerts on NATS that fire after so many minutes, each with what it names."""
        fired = map(dict, alerts(self.folder, [(self.healthy, LONG), (seen, after)]))
        ours = (one for one in fired if one["alertname"].startswith("SwitchboardNats"))
        return {(o["alertname"], *(o[key] for key in NAMING if key in o)) for o in ours}


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    async with cluster_of_three(folder / "cluster") as cluster, exporters(cluster) as telling:
        watching = Watched(cluster, telling, {}, folder)
        streams = 3 * len(cluster.topology.streams)
        watching.healthy = await watching.until(lambda seen: len(_led(seen)) * 3 == streams)
        yield watching


def _led(seen: Seen) -> set[str]:
    """The streams that have a leader."""
    every = [dict(labels) for name, labels in seen if name == "nats_stream_last_seq"]
    return {one["stream_name"] for one in every if one["is_stream_leader"] == "true"}


def _servers(seen: Seen) -> int:
    return sum(name == "nats_server_max_storage" for name, _ in seen)


def _most(seen: Seen, name: str, **labels: str) -> float:
    found = [v for (n, of), v in seen.items() if n == name and labels.items() <= dict(of).items()]
    return max(found, default=0)


@pytest.mark.nightly
async def test_a_healthy_cluster_shows_what_is_written_down_and_alerts_nobody(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as watching:
        found = shapes(watching.healthy)
        written = exported_by_nats()
        assert {name: found.get(name) for name in written} == written
        assert watching.firing(watching.healthy) == set()


@pytest.mark.nightly
async def test_durables_that_nobody_reads_are_named(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        await _publish(watching, "evt.sessions.o.session.s.1.AgentSignedOut", b"{}")
        readers = {
            d.name
            for d in watching.cluster.topology.durables
            if d.stream == "SESSIONS" and d.name != "provisioning-reactions-sessions"
        }
        seen = await watching.until(lambda now: readers <= _waited_for(now))
        assert watching.firing(seen) == {
            ("SwitchboardNatsDurableStalled", "SESSIONS", name) for name in _waited_for(seen)
        }


@pytest.mark.nightly
async def test_a_stream_that_is_nearly_full_is_named(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        nc = await watching.cluster.admin()
        limited = StreamConfig("SMALL", subjects=["small"], max_bytes=10_000, num_replicas=3)
        await nc.jetstream().add_stream(limited)
        await nc.close()
        await _publish(watching, "small", bytes(8_500))
        seen = await watching.until(
            lambda now: _most(now, "nats_stream_total_bytes", stream_name="SMALL") > 8_000
        )
        assert watching.firing(seen) == {("SwitchboardNatsStreamFilling", "SMALL")}


@pytest.mark.nightly
async def test_a_server_that_is_gone_is_named(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        watching.cluster.kill(watching.cluster.nodes[2])
        every = set(watching.cluster.topology.streams)
        seen = await watching.until(lambda now: _servers(now) == 2 and _led(now) == every)
        assert watching.firing(seen) == {("SwitchboardNatsServerDown", "nats-2")}


@pytest.mark.nightly
async def test_streams_without_a_leader_are_named(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        for node in watching.cluster.nodes[1:]:
            watching.cluster.kill(node)
        seen = await watching.until(lambda now: _servers(now) == 1 and not _led(now))
        assert watching.firing(seen) == {
            ("SwitchboardNatsServerDown", "nats-1"),
            ("SwitchboardNatsServerDown", "nats-2"),
            *(("SwitchboardNatsLeaderless", name) for name in watching.cluster.topology.streams),
        }


@pytest.mark.nightly
async def test_a_cluster_that_is_gone_is_missed(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        for node in watching.cluster.nodes:
            watching.cluster.kill(node)
        seen = await watching.until(lambda now: _servers(now) == 0)
        assert watching.firing(seen) == {
            ("SwitchboardNatsUnseen",),
            *(("SwitchboardNatsServerDown", node.name) for node in watching.cluster.nodes),
        }


@pytest.mark.nightly
async def test_a_server_that_cut_a_client_off_says_so(tmp_path: Path) -> None:
    async with watched(tmp_path) as watching:
        seed = nkeys.seed_file(watching.cluster.seeds, "setup")
        sleepy = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _READS_NOTHING, watching.cluster.nodes[0].url, str(seed)),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert sleepy.stdout is not None
            assert await sleepy.stdout.readline() == b"subscribed\n"
            await _publish(watching, "flood", *[bytes(1_000_000)] * 100, stored=False)
            seen = await watching.until(lambda now: _most(now, "nats_varz_slow_consumers") > 0)
        finally:
            sleepy.kill()
            await sleepy.wait()
        assert watching.firing(seen, SHORT) == {("SwitchboardNatsSlowConsumers",)}


async def _publish(watching: Watched, subject: str, *bodies: bytes, stored: bool = True) -> None:
    nc = await watching.cluster.admin()
    for body in bodies:
        if stored:
            await nc.jetstream().publish(subject, body)
        else:
            await nc.publish(subject, body)
            await nc.flush()
    await nc.close()


def _waited_for(seen: Seen) -> set[str]:
    """The durables for which there is more."""
    return {
        dict(labels)["consumer_name"]
        for (name, labels), value in seen.items()
        if name == "nats_consumer_num_pending" and value > 0
    }
