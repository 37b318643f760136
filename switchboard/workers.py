"""The loops behind the durables: projectors, reactors, and watches over leases."""

from collections.abc import Callable, Mapping, Sequence
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
from chassis.workers.projecting import Projecting
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


def projecting_for(
    durables: Sequence[Durable],
    service: Service,
    nc: Connection,
    read_models: ReadModelStore,
    metrics: WorkerMetrics,
    beats: Mapping[str, Callable[[], object]],
) -> Projecting:
    """The projectors that pull from these durables of the service; `beats` by durable."""
    names = {durable.stream: durable.name for durable in durables}

    def projector_for(stream: str, version: ReadModelStore) -> Projector:
        feed, beat = JetStreamFeed(nc, stream, names[stream]), beats[names[stream]]
        return Projector(
            service.name, stream, service.projections, version, feed, metrics, beat=beat
        )

    models = [projection.model for projection in service.projections]
    return Projecting(service.name, read_models, models, tuple(names), projector_for)


def worker_for(
    durable: Durable,
    topology: Topology,
    service: Service,
    nc: Connection,
    metrics: WorkerMetrics,
    beat: Callable[[], object],
) -> Worker:
    """The loop that pulls from a durable of reactions or expiries of the service."""
    name, stream = service.name, durable.stream
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
