"""The product on a cluster of three: a node that dies or goes costs seconds and no command."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path

import pytest

from switchboard.demo.client import Client, Json
from tests.cluster.nodes import Cluster, Node, cluster_of_three
from tests.e2e.product import Product

LONGEST_GAP_SECONDS = 10.0
LOAD = 4
QUIET_SECONDS, AFTERWARDS_SECONDS = 5.0, 15.0


@dataclass
class OnCluster(Product):
    """`switchboard up` with a broker of somebody else's."""

    cluster: Cluster | None = None

    @property
    def environment(self) -> dict[str, str]:
        assert self.cluster is not None
        return {
            **super().environment,
            "SWITCHBOARD_NATS_URL": self.cluster.url,
            "SWITCHBOARD_NATS_SEEDS": str(self.cluster.seeds),
        }


@dataclass
class Load:
    """Commands through the API, each acknowledged once, and when."""

    client: Client
    run: str
    acknowledged: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    stopping: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        numbers = count()
        tasks = [asyncio.create_task(self._go(numbers)) for _ in range(LOAD)]
        try:
            yield
        finally:
            self.stopping = True
            await asyncio.gather(*tasks)

    async def _go(self, numbers: "count[int]") -> None:
        while not self.stopping:
            name = f"{self.run}{next(numbers)}"
            emails = [{"address": f"{name.lower()}@example.com", "label": "work"}]
            body: Json = {"first_name": name, "last_name": "Example", "emails": emails}
            await self.client.command("/api/v1/contacts", body, once=name)
            self.acknowledged.append(name)
            self.moments.append(time.monotonic())

    @property
    def longest_gap(self) -> float:
        return max(after - before for before, after in pairwise(self.moments))


@pytest.mark.nightly
@pytest.mark.parametrize("how", ["killed", "lame duck"])
async def test_a_leader_that_goes_loses_no_acknowledged_command_and_doubles_none(
    how: str, tmp_path: Path
) -> None:
    async with cluster_of_three(tmp_path / "cluster") as cluster:
        product = OnCluster(tmp_path / "data", cluster=cluster)
        await product.start()
        try:
            async with product.administrator() as client:
                load = Load(client, how.title().replace(" ", ""))
                async with load.running():
                    await asyncio.sleep(QUIET_SECONDS)
                    leader = await cluster.leader("PROVISIONING")
                    _go(cluster, leader, how)
                    await asyncio.sleep(AFTERWARDS_SECONDS)
                _tell(how, load)
                assert len(load.acknowledged) > 100
                assert load.longest_gap <= LONGEST_GAP_SECONDS
                await _all_there_once(client, load)
                assert await cluster.leader("PROVISIONING") != leader
            await _back(cluster, leader)
        finally:
            product.stop()


def _go(cluster: Cluster, leader: Node, how: str) -> None:
    if how == "killed":
        cluster.kill(leader)
    else:
        cluster.retire(leader)


async def _back(cluster: Cluster, node: Node) -> None:
    assert node.process is not None
    await asyncio.to_thread(node.process.wait, 60)
    cluster.start(node)
    await cluster.whole()


async def _all_there_once(client: Client, load: Load) -> None:
    names, cursor = Counter[str](), ""
    while True:
        page = await client.read(f"/api/v1/contacts?limit=200{cursor}")
        names.update(contact["first_name"] for contact in page["items"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    ours = {name: times for name, times in names.items() if name.startswith(load.run)}
    assert {name for name in load.acknowledged if name not in ours} == set()
    assert {name: times for name, times in ours.items() if times != 1} == {}


def _tell(how: str, load: Load) -> None:
    ordered = sorted(load.moments)
    rate = len(ordered) / (ordered[-1] - ordered[0])
    print(f"{how}: {len(ordered)} commands, {rate:.0f}/s, gap {load.longest_gap:.1f} s")
