"""Three NATS servers on this machine that form a cluster, with the accounts of production."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chassis.jetstream import nkeys, setup
from chassis.jetstream.accounts import generated_files, users
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nats_process import binary
from chassis.jetstream.topology import Topology
from chassis.testing.eventually import eventually
from chassis.testing.ports import reserved_port

_CLUSTER = """\
server_name: {name}
http: "127.0.0.1:{monitor}"
cluster {{
  name: switchboard
  listen: "127.0.0.1:{port}"
  routes: [{routes}]
}}
"""


@dataclass
class Node:
    """One server."""

    name: str
    folder: Path
    port: int
    route: int
    monitor: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"


@dataclass
class Cluster:
    """Three servers that keep every stream three times."""

    folder: Path
    nodes: list[Node] = field(default_factory=list)
    topology: Topology = field(default_factory=lambda: Topology.load().with_replicas(3))

    @property
    def url(self) -> str:
        return ",".join(node.url for node in self.nodes)

    @property
    def seeds(self) -> Path:
        return self.folder / "keys"

    async def admin(self) -> Connection:
        return await connect(self.url, "setup", nkeys.seed_file(self.seeds, "setup"))

    async def leader(self, stream: str) -> Node:
        """The node that leads a stream."""
        nc = await self.admin()
        try:
            info = await nc.jetstream().stream_info(stream)
        finally:
            await nc.close()
        assert info.cluster is not None
        return next(node for node in self.nodes if node.name == info.cluster.leader)

    def start(self, node: Node) -> None:
        environment = {
            "NATS_HOST": "127.0.0.1",
            "NATS_PORT": str(node.port),
            "NATS_STORE_DIR": json.dumps(str(node.folder / "store")),
            **nkeys.environment(self.seeds, users(self.topology)),
        }
        with (node.folder / "nats.log").open("ab") as log:
            command = [binary(), "--config", str(node.folder / "server.conf")]
            node.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def signal(self, node: Node, number: int) -> None:
        assert node.process is not None
        node.process.send_signal(number)

    def kill(self, node: Node) -> None:
        """As a power cut would."""
        assert node.process is not None
        node.process.kill()
        node.process.wait()

    def retire(self, node: Node) -> None:
        """Lame duck: the server hands over what it leads, sends its clients away and ends."""
        self.signal(node, signal.SIGUSR2)

    async def whole(self) -> None:
        """Wait until every stream has a leader and two followers that are up to date."""

        async def all_current() -> bool:
            nc = await self.admin()
            try:
                infos = await nc.jetstream().streams_info()
            finally:
                await nc.close()
            clusters = [info.cluster for info in infos]
            return len(infos) == len(self.topology.streams) and all(
                c is not None
                and c.leader
                and len(c.replicas or []) == 2
                and all(r.current and not r.offline for r in c.replicas or [])
                for c in clusters
            )

        await eventually(all_current, 90)


@asynccontextmanager
async def cluster_of_three(folder: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(folder)
    nkeys.create_missing(cluster.seeds, users(cluster.topology))
    cluster.nodes += [
        Node(f"nats-{n}", folder / f"nats-{n}", reserved_port(), reserved_port(), reserved_port())
        for n in range(3)
    ]
    routes = ", ".join(f'"nats-route://127.0.0.1:{node.route}"' for node in cluster.nodes)
    for node in cluster.nodes:
        node.folder.mkdir(parents=True)
        for path, content in generated_files(cluster.topology).items():
            (node.folder / path.name).write_text(content)
        own = _CLUSTER.format(name=node.name, port=node.route, monitor=node.monitor, routes=routes)
        with (node.folder / "server.conf").open("a") as config:
            config.write(own)
    try:
        for node in cluster.nodes:
            cluster.start(node)
        await _set_up(cluster)
        await cluster.whole()
        yield cluster
    finally:
        for node in cluster.nodes:
            if node.process is not None and node.process.poll() is None:
                cluster.kill(node)


async def _set_up(cluster: Cluster) -> None:
    async with asyncio.timeout(60):
        while True:
            nc = await cluster.admin()
            try:
                await setup.apply(nc, cluster.topology)
            except (setup.JetStreamSilent, setup.SetupRefused):
                # Until the servers have found each other and chosen a leader.
                await asyncio.sleep(0.5)
            else:
                return
            finally:
                await nc.close()
