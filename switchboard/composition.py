"""Puts one service on its real ports: its NATS user, its log, its read models, its vault."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar
from prometheus_client import CollectorRegistry

from chassis.auth import Verifier
from chassis.jetstream.accounts import API_PREFIX, retry_subject
from chassis.jetstream.ended_sessions import EndedSessions, StillSignedIn
from chassis.jetstream.erasure import Erase, erasing, nothing_is_erased
from chassis.jetstream.jetstream_counters import JetStreamCounters
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.jetstream_leases import JetStreamLeases
from chassis.jetstream.jetstream_reservations import JetStreamReservations
from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.jetstream.nats_connection import Connection
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.progress import Progress, Reacted
from chassis.jetstream.rpc import answering as answering_questions
from chassis.jetstream.rpc import asking
from chassis.jetstream.topology import Topology
from chassis.keyring import Keyring
from chassis.observing.health import Health, answering
from chassis.observing.metrics import Metrics
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.read_models import ReadModelStore
from chassis.service import Runtime, Service
from chassis.web.http import http_app
from chassis.workers.retrying import retrying
from chassis.workers.rounds import Rounds
from switchboard.broker import CHECKED_EVERY_SECONDS, connected, report_broker
from switchboard.catalogue import Blueprint
from switchboard.stores import read_model_store
from switchboard.workers import Loop, projecting_for, worker_for

LONGEST_SILENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Process:
    """What all services of one process share. `keyrings` is a folder, a file per service.

    `unless_set` holds, per service, the settings that apply where the environment says nothing.
    """

    topology: Topology
    nats_url: str
    seeds: Path
    store: str
    data: Path
    keyrings: Path
    verifier: Verifier
    health: Health
    metrics: Metrics
    worker_metrics: WorkerMetrics
    unless_set: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _loops: list[Loop] = field(default_factory=list)

    def run(self, stack: AsyncExitStack, loop: Loop) -> None:
        """Let it go round until the stack is closed."""
        self._loops.append(loop)
        stack.push_async_callback(_ended, asyncio.create_task(loop.run()))
        # All are told before the first is waited for: each may first finish what it is at.
        stack.callback(self._stop)

    def _stop(self) -> None:
        for loop in self._loops:
            loop.stop()

    @staticmethod
    def metered(registry: CollectorRegistry) -> tuple[Metrics, WorkerMetrics]:
        """What HTTP and the workers report to one registry."""
        return Metrics(registry), WorkerMetrics(registry)


@asynccontextmanager
async def composed(
    blueprint: Blueprint, process: Process, *, serves: bool = True, works: bool = True
) -> AsyncIterator[Litestar]:
    """Run one service until the block ends; gives its HTTP app.

    `serves`: it answers other services' questions. `works`: it projects and reacts.
    """
    async with AsyncExitStack() as stack:
        nc = await connected(stack, blueprint.name, process.nats_url, process.seeds)
        read_models = await stack.enter_async_context(
            read_model_store(process.store, process.data, blueprint.name)
        )
        runtime = Runtime(
            store=JetStreamEventStore(
                nc, blueprint.name, process.topology.stream_of(blueprint.name)
            ),
            read_models=read_models,
            vault=JetStreamVault(nc, blueprint.bucket),
            ask=asking(nc),
            counters=JetStreamCounters(nc, blueprint.name),
            log_of=lambda name: JetStreamEventStore(nc, name, process.topology.stream_of(name)),
            registry=process.metrics.registry,
            bucket=partial(JetStreamVault, nc),
            erase=await _eraser(stack, blueprint.name, process) if works else nothing_is_erased,
            leases=JetStreamLeases(nc),
            keyring=Keyring.load(process.keyrings / f"{blueprint.name}-keyring.json"),
        )
        service = blueprint.build(
            runtime, blueprint.settings.load(**process.unless_set.get(blueprint.name, {}))
        )
        await read_models.open(*(projection.model for projection in service.projections))
        _report_health(process, service.name, nc, read_models)
        if works:
            await _work(stack, process, service, nc, read_models)
            retries = {retry_subject(service.name): retrying(service.reactions)}
            await stack.enter_async_context(answering_questions(nc, service.name, retries))
        if serves:
            await stack.enter_async_context(answering_questions(nc, service.name, service.answers))
        # A worker answers the probes and shows its metrics, nothing else.
        answers = service if serves else replace(service, controllers=())
        ended = EndedSessions(nc, process.topology.sign_out_stream, process.topology.sign_outs)
        process.run(stack, ended)
        verifier = StillSignedIn(process.verifier, ended)
        yield _app(process, answers, runtime, nc, verifier)


async def _eraser(stack: AsyncExitStack, service: str, process: Process) -> Erase:
    user = process.topology.erasers.get(service)
    if user is None:
        return nothing_is_erased
    nc = await connected(stack, user, process.nats_url, process.seeds)
    return erasing(nc, process.topology.stream_of(service))


def _report_health(
    process: Process, service: str, nc: Connection, read_models: ReadModelStore
) -> None:
    process.metrics.broker(service, lambda: nc.is_connected, lambda: nc.permission_violations)
    report_broker(process.health, process.topology, service, nc)
    process.health.check(
        f"{service}-read-models",
        answering(read_models.ping, "The store of the read models does not answer. Start it."),
        cached_seconds=CHECKED_EVERY_SECONDS,
    )


async def _work(
    stack: AsyncExitStack,
    process: Process,
    service: Service,
    nc: Connection,
    read_models: ReadModelStore,
) -> None:
    for name, check in service.warnings.items():
        process.health.warn(f"{service.name}-{name}", check)
    durables = process.topology.durables_of(service.name)
    beats = {d.name: process.health.pulse(d.name, LONGEST_SILENCE_SECONDS).beat for d in durables}
    metrics = process.worker_metrics
    projected = [durable for durable in durables if durable.kind == "projector"]
    projecting = projecting_for(projected, service, nc, read_models, metrics, beats)
    await projecting.begin()
    for durable in projected:
        process.health.check(durable.name, partial(projecting.check, durable.stream))
    process.run(stack, projecting)
    for durable in (d for d in durables if d.kind != "projector"):
        worker = worker_for(durable, process.topology, service, nc, metrics, beats[durable.name])
        process.health.check(durable.name, worker.check)
        process.run(stack, worker)
    for one in service.rounds:
        name = f"{service.name}-{one.name}"
        rounds = Rounds(name, one, process.health.pulse(name, LONGEST_SILENCE_SECONDS).beat)
        process.health.check(name, rounds.check)
        process.run(stack, rounds)


async def _ended(running: "asyncio.Task[None]") -> None:
    await running


def _app(
    process: Process, service: Service, runtime: Runtime, nc: Connection, verifier: Verifier
) -> Litestar:
    return http_app(
        service,
        verifier=verifier,
        progress=_progress(process.topology, service.name, runtime, nc),
        reservations=JetStreamReservations(
            nc, service.name, partial(runtime.keyring.lasting, "idempotency-key")
        ),
        keyring=runtime.keyring,
        health=process.health,
        metrics=process.metrics,
        clock=runtime.clock,
        new_id=runtime.new_id,
    )


def _progress(topology: Topology, service: str, runtime: Runtime, nc: Connection) -> Progress:
    durables = topology.durables_of(service)
    inbox = Inbox(nc)
    return Progress(
        service=service,
        streams={name: topology.stream_of(name) for name in topology.logging},
        projected=frozenset(d.stream for d in durables if d.kind == "projector"),
        reacted={
            d.stream: Reacted(inbox, d.stream, d.name, API_PREFIX)
            for d in durables
            # Its own log a service reads: what follows from that is no part of what was written.
            if d.kind == "reactions" and d.stream != topology.stream_of(service)
        },
        store=runtime.store,
        read_models=runtime.read_models,
    )
