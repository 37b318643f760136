"""One service in a process of its own, as platform teams run it, and the set-up they run first."""

import asyncio
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry
from rich.console import Console

from chassis import tracing
from chassis.auth import TokenVerifier
from chassis.jetstream import setup
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nkeys import existing_seed
from chassis.jetstream.topology import Topology
from chassis.jwks import JwksFile, JwksUrl
from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.settings import WrongSettings
from chassis.web.server import serve, stop_on_signals
from switchboard.broker import CONNECT_SECONDS
from switchboard.catalogue import BLUEPRINTS, PORTAL
from switchboard.composition import Process, composed
from switchboard.keys import Keys
from switchboard.lost_logs import refuse_lost_logs
from switchboard.portal import portal_app
from switchboard.settings import Settings
from switchboard.told import told

T = TypeVar("T")


async def run_one(settings: Settings, name: str, *, serves: bool, works: bool) -> None:
    """Run one service until SIGTERM. A worker answers the probes and `/metrics` only.

    Raises `WrongSettings`, `CannotListen`.
    """
    if name == PORTAL and serves:
        await _run_portal(settings)
        return
    blueprint = BLUEPRINTS.get(name)
    if blueprint is None:
        raise WrongSettings(f"There is no service {name}. Choose one of: {', '.join(BLUEPRINTS)}.")
    stop, process = stop_on_signals(), _process(settings)
    with tracing.exported(name):
        async with composed(blueprint, process, serves=serves, works=works) as app:
            process.health.started()
            await serve(
                app,
                health=process.health,
                stop=stop,
                host=settings.host,
                port=settings.port,
                trusted_proxies=settings.trusted_proxies,
            )


async def _run_portal(settings: Settings) -> None:
    stop, health = stop_on_signals(), Health()
    url, seeds = _needed(settings.nats_url, "nats_url"), _needed(settings.nats_seeds, "nats_seeds")
    metrics = Metrics(CollectorRegistry())
    async with portal_app(Topology.load(), url, seeds, health, metrics) as app:
        health.started()
        await serve(
            app,
            health=health,
            stop=stop,
            host=settings.host,
            port=settings.port,
            trusted_proxies=settings.trusted_proxies,
        )


async def set_up(settings: Settings, console: Console) -> None:
    """Apply the topology.

    Raises `LogLost`, `WrongSettings`, `SetupRefused`, `JetStreamSilent`.
    """
    url = _needed(settings.nats_url, "nats_url")
    seeds = _needed(settings.nats_seeds, "nats_seeds")
    async with asyncio.timeout(CONNECT_SECONDS):
        nc = await connect(url, "setup", existing_seed(seeds, "setup"))
    topology = Topology.load().with_replicas(settings.stream_replicas)
    try:
        await refuse_lost_logs(settings, topology, nc)
        changed = await setup.apply(nc, topology, console.print)
    finally:
        await nc.close()
    console.print(f"{len(changed)} changes." if changed else "Everything is as it should be.")


def _process(settings: Settings) -> Process:
    metrics, worker_metrics = Process.metered(CollectorRegistry())
    jwks = _needed(settings.jwks, "jwks")
    keys = Keys(settings.data / "keys")
    return Process(
        topology=Topology.load(),
        nats_url=_needed(settings.nats_url, "nats_url"),
        seeds=_needed(settings.nats_seeds, "nats_seeds"),
        store=settings.store,
        data=settings.data,
        keyrings=keys.folder,
        verifier=TokenVerifier(JwksUrl(jwks) if "://" in jwks else JwksFile(Path(jwks))),
        health=Health(),
        metrics=metrics,
        worker_metrics=worker_metrics,
        unless_set=told(settings, keys),
    )


def _needed(value: T | None, name: str) -> T:
    if value is None:
        raise WrongSettings(f"{Settings.variable(name)}: Set it; a service alone needs it.")
    return value
