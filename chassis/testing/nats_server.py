"""A real nats-server for tests: accounts and topology as in production, its store in a tmp dir."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.msg import Msg

from chassis.jetstream import setup
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nats_process import NatsServer, nats_server
from chassis.jetstream.topology import Topology
from chassis.testing.eventually import PATIENCE_SECONDS


@dataclass(frozen=True)
class RunningNats:
    """A server that tests may ask anything. It is bound to no event loop."""

    server: NatsServer
    topology: Topology

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.server.url

    @asynccontextmanager
    async def connected(self, user: str) -> AsyncIterator[Connection]:
        """A connection as a service, `setup` or `ops`."""
        nc = await self.connect(user)
        try:
            yield nc
        finally:
            await nc.close()

    async def connect(self, user: str) -> Connection:
        """The same for a caller who closes it."""
        return await connect(self.url, user, self.server.seed(user))

    async def contents(self) -> dict[str, tuple[int, int]]:
        """Last sequence and count of messages, by stream: adding or taking changes them."""
        async with self.connected("setup") as admin:
            infos = await admin.jetstream().streams_info()
            return {str(i.config.name): (i.state.last_seq, i.state.messages) for i in infos}

    async def wipe(self) -> None:
        """Delete every stream and make all anew, durables included."""
        async with self.connected("setup") as admin:
            js = admin.jetstream()
            for stream in await js.streams_info():
                await js.delete_stream(str(stream.config.name))
            await setup.apply(admin, self.topology)


async def ask_many(nc: Connection, subject: str, body: Mapping[str, object]) -> list[Msg]:
    """Ask once and collect the answers up to the end marker, as a batched direct get gives them."""
    inbox = nc.new_inbox()
    subscription = await nc.subscribe(inbox)
    await nc.publish(subject, json.dumps(body).encode(), reply=inbox)
    answers: list[Msg] = []
    while (answer := await subscription.next_msg(timeout=PATIENCE_SECONDS)).data:
        answers.append(answer)
    await subscription.unsubscribe()
    return answers


@asynccontextmanager
async def running_nats(
    directory: Path, topology: Topology | None = None
) -> AsyncIterator[RunningNats]:
    """Start a fresh server on a free port and apply the topology: about 0.3 s."""
    chosen = topology or Topology.load()
    async with nats_server(directory, chosen, port=-1) as server:
        nats = RunningNats(server, chosen)
        async with nats.connected("setup") as admin:
            await setup.apply(admin, chosen)
        yield nats
