"""The loop behind each durable: a projector, a reactor, or a watch over leases."""

from collections.abc import Callable
from typing import Protocol

from chassis.jetstream.jetstream_feed import JetStreamFeed
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import Reactions
from chassis.read_models import ReadModelStore
from chassis.service import Service
from chassis.workers.expiries import ExpiryWatch
from chassis.workers.projector import Projector
from chassis.workers.react import Reactor


class Loop(Protocol):
    """What goes round until it is told to stop."""

    async def run(self) -> None:
        """Go round until `stop()`."""
        ...

    def stop(self) -> None:
        """End `run()`."""
        ...


class Worker(Loop, Protocol):
    """A loop that follows one stream."""

    async def check(self) -> str | None:
        """For readiness: None, or what is wrong."""
        ...


def worker_for(
    durable: Durable,
    topology: Topology,
    service: Service,
    nc: Connection,
    live: ReadModelStore,
    metrics: WorkerMetrics,
    beat: Callable[[], object],
) -> Worker:
    """The loop that pulls from a durable of the service."""
    name, stream = service.name, durable.stream
    if durable.kind == "projector":
        feed = JetStreamFeed(nc, stream, durable.name)
        return Projector(name, stream, service.projections, live, feed, metrics, beat=beat)
    if durable.kind == "expiries" and service.expiry:
        return ExpiryWatch(nc, name, stream, service.expiry, beat=beat)
    reactions = _reactions_to(stream, service, topology)
    return Reactor(nc, name, stream, reactions, metrics, at_once=service.at_once, beat=beat)


def _reactions_to(stream: str, service: Service, topology: Topology) -> Reactions:
    return {
        event: reaction
        for event, reaction in service.reactions.items()
        if topology.stream_of(event.service) == stream
    }
